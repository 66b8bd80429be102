using System.Globalization;

namespace Vigil.Native.Inotify.Tests;

/// <summary>A subscriber in another language that keeps a mirror: programs/mirror.c and those beside it.</summary>
internal sealed class BusMirror : IDisposable
{
    private readonly ChildProcess _process;

    private BusMirror(ChildProcess process) => _process = process;

    internal static IReadOnlyList<string> Languages => ["c", "ruby", "python"];

    internal IReadOnlyList<string> Lines => _process.Output.Lines;

    /// <summary>Starts one and waits until it misses nothing any more.</summary>
    internal static BusMirror Start(string language, BusServing server, params string[] arguments)
    {
        string[] program = language switch
        {
            "ruby" => ["ruby", Client.TestScript("mirror.rb")],
            "python" => ["python3", Client.TestScript("mirror.py")],
            _ => [Installed.TestProgram("mirror")],
        };
        var mirror = new BusMirror(server.StartClient([.. program, .. arguments]));
        _ = mirror.WaitFor("resumed");
        return mirror;
    }

    /// <summary>Gives a command and waits for the start of its answer.</summary>
    internal string Ask(string command, string answer)
    {
        _process.Input.WriteLine(command);
        _process.Input.Flush();
        return WaitFor(answer);
    }

    /// <summary>The mirror is the disk.</summary>
    /// <param name="command">What it is to do first: "check" or "ask".</param>
    /// <returns>How often it had lost the server, and how often it began afresh.</returns>
    internal (int Overflows, int Freshes) Check(string command = "check")
    {
        int before = Lines.Count;
        string[] words = Ask(command, "checked ").Split(' ');
        string[] wrong = [.. Lines.Skip(before).Where(line => line.StartsWith("wrong ", StringComparison.Ordinal))];
        Assert.True(wrong.Length == 0, $"of {words[1]} entries:\n  {string.Join("\n  ", wrong)}");
        return (Number(words[3]), Number(words[5]));
    }

    /// <summary>How many descriptors it has open.</summary>
    internal int CountDescriptors() => Number(Ask("memory", "memory ").Split(' ')[3]);

    /// <summary>Its input ends, and so does it.</summary>
    internal void End()
    {
        _process.Input.Close();
        int status = _process.WaitForExit();
        Assert.True(status == 0, $"it ended with {status}:\n{string.Join('\n', _process.Errors.Lines)}");
        Assert.Empty(_process.Errors.Lines);
    }

    public void Dispose() => _process.Dispose();

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);

    private string WaitFor(string start) => _process.Output.WaitForLine(
        line => line.StartsWith(start, StringComparison.Ordinal),
        $"a mirror to say '{start}'",
        TimeSpan.FromSeconds(90));
}
