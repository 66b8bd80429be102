using System.Globalization;
using Vigil.Watching.Tests;

namespace Vigil.Bus.Tests;

/// <summary>A subscriber with a mirror, in a process of its own.</summary>
internal sealed class SubscriberProcess : IDisposable
{
    private SubscriberProcess(ChildProcess process) => Process = process;

    internal ChildProcess Process { get; }

    internal IReadOnlyList<string> Lines => Process.Output.Lines;

    /// <summary>Starts one, and does not wait for it.</summary>
    internal static SubscriberProcess Begin(string socket, string root, params string[] words) =>
        BeginBy([], socket, root, words);

    /// <summary>Starts one by another program, and does not wait for it.</summary>
    internal static SubscriberProcess BeginBy(string[] prefix, string socket, string root, params string[] words)
    {
        string[] all = [.. prefix, .. Sibling.Command("Vigil.BusHost"), "subscribe", socket, root, .. words];
        return new SubscriberProcess(ChildProcess.Start(all[0], all[1..]));
    }

    /// <summary>Starts one and waits until nothing is missed any more.</summary>
    internal static SubscriberProcess Start(ServerProcess server, string root, params string[] words)
    {
        SubscriberProcess subscriber = Begin(server.SocketPath, root, words);
        _ = subscriber.WaitFor("ready");
        return subscriber;
    }

    /// <summary>Gives a command.</summary>
    internal void Send(string command)
    {
        Process.Input.WriteLine(command);
        Process.Input.Flush();
    }

    /// <summary>Gives a command and waits for its answer; an error fails the test.</summary>
    internal string Ask(string command, string answer, TimeSpan? timeout = null)
    {
        Send(command);
        return WaitFor(answer, timeout);
    }

    /// <summary>Waits for the next line with a start; an error fails the test.</summary>
    internal string WaitFor(string start, TimeSpan? timeout = null)
    {
        string line = Process.Output.WaitForLine(
            text => text.StartsWith(start, StringComparison.Ordinal)
                || text.StartsWith("error ", StringComparison.Ordinal),
            $"a subscriber to say '{start}'",
            timeout);
        Assert.True(line.StartsWith(start, StringComparison.Ordinal), line);
        return line;
    }

    /// <summary>All that happened by now is in its mirror, and the mirror is the disk.</summary>
    /// <returns>How many entries there are.</returns>
    internal int Check()
    {
        int before = Lines.Count;
        string[] words = Ask("check", "checked ", TimeSpan.FromSeconds(60)).Split(' ');
        string[] wrong = [.. Lines.Skip(before).Where(line => line.StartsWith("wrong ", StringComparison.Ordinal))];
        Assert.True(wrong.Length == 0, $"of {words[1]} entries:\n  {string.Join("\n  ", wrong)}");
        return int.Parse(words[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Kills it, and waits until it is gone.</summary>
    internal void Kill()
    {
        Process.Send(Signal.SIGKILL);
        _ = Process.WaitForExit();
        Process.Dispose();
    }

    public void Dispose() => Process.Dispose();
}
