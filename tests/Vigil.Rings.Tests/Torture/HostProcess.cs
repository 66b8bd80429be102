using System.Runtime.InteropServices;

namespace Vigil.Rings.Tests;

/// <summary>Another process of a ring (Vigil.RingHost): it plays a part and says lines.</summary>
internal sealed class HostProcess : IDisposable
{
    private static readonly string Dotnet =
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    private readonly ChildProcess _process;

    private HostProcess(ChildProcess process) => _process = process;

    /// <summary>What starts a process as the user nobody.</summary>
    internal static string[] Nobody { get; } = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];

    internal int Id => _process.Id;

    /// <summary>Starts a part.</summary>
    /// <param name="words">Its name and arguments.</param>
    internal static HostProcess Start(params string[] words) => StartBy([], words);

    /// <summary>Starts a part by other programs, such as <c>setpriv … --</c>.</summary>
    internal static HostProcess StartBy(string[] prefix, params string[] words)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Vigil.RingHost.dll");
        string[] all = [.. prefix, Dotnet, "exec", program, .. words];
        return new HostProcess(ChildProcess.Start(all[0], all[1..]));
    }

    /// <summary>Kills it if it still runs.</summary>
    public void Dispose() => _process.Dispose();

    /// <summary>Waits for the next line with a start; one that says what is wrong fails the test.</summary>
    /// <returns>The rest of the line.</returns>
    internal string Answer(string start, TimeSpan? timeout = null)
    {
        string line = _process.Output.WaitForLine(
            line => line.StartsWith(start, StringComparison.Ordinal)
                || line.StartsWith("wrong", StringComparison.Ordinal),
            $"'{start}' or what is wrong",
            timeout);
        Assert.True(line.StartsWith(start, StringComparison.Ordinal), $"instead of '{start}': {line}");
        return line[start.Length..].Trim();
    }

    /// <summary>Whether it said a line until now.</summary>
    internal bool Said(string line) => _process.Output.Lines.Contains(line);

    /// <summary>Gives it a line.</summary>
    internal void Tell(string line)
    {
        _process.Input.WriteLine(line);
        _process.Input.Flush();
    }

    /// <summary>Gives it a line and waits for the answer.</summary>
    internal string Ask(string line, string start)
    {
        Tell(line);
        return Answer(start);
    }

    internal void Send(Signal signal) => _process.Send(signal);

    /// <summary>Waits until it stands still after SIGSTOP: proc_pid_stat(5).</summary>
    internal void Stop()
    {
        Send(Signal.SIGSTOP);
        Eventually.True(
            () => Directory.GetDirectories($"/proc/{Id}/task").All(task => StateOf(task) is 'T' or 'Z' or ' '),
            "the process to stop");
    }

    private static char StateOf(string task)
    {
        try
        {
            string stat = File.ReadAllText(Path.Join(task, "stat"));
            return stat[stat.LastIndexOf(')') + 2];
        }
        catch (IOException)
        {
            // A thread that ended meanwhile.
            return ' ';
        }
    }
}
