using System.Diagnostics;
using System.Globalization;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>
/// A tree watcher in a process of its own (Vigil.TreeHost), with limits, rights or mounts of its own. Whatever it
/// mounts is gone with it.
/// </summary>
internal sealed class HostProcess : IDisposable
{
    private readonly ChildProcess _process;

    private HostProcess(ChildProcess process) => _process = process;

    /// <summary>All it printed so far.</summary>
    internal IReadOnlyList<string> Lines => _process.Output.Lines;

    /// <summary>Starts it by other programs, such as <c>setpriv … --</c>.</summary>
    internal static HostProcess Start(params string[] prefix) => new(Sibling.Start(prefix, "Vigil.TreeHost"));

    /// <summary>Starts it in a directory, which may be removed then.</summary>
    internal static HostProcess StartIn(string directory)
    {
        string[] words = Sibling.Command("Vigil.TreeHost");
        return new(ChildProcess.Start(words[0], words[1..], directory));
    }

    /// <summary>Starts it in a mount namespace of its own.</summary>
    /// <param name="setup">What a shell does in there first.</param>
    internal static HostProcess StartWithMounts(string setup)
    {
        HostProcess host = Start([.. MountNamespace.Command, "sh", "-ec", setup + "\nexec \"$@\"", "sh"]);
        host.Ask("ran", "shell", "true");
        return host;
    }

    /// <summary>Starts it in a user namespace of its own, with a limit of its own: namespaces(7).</summary>
    internal static HostProcess StartLimited(string limit, int value)
    {
        using ChildProcess probe = ChildProcess.Start("unshare", "-Ur", "true");
        Assert.SkipUnless(probe.WaitForExit() == 0, "user namespaces are not allowed here");
        string set = string.Create(
            CultureInfo.InvariantCulture, $"echo {value} > /proc/sys/user/{limit} && exec \"$@\"");
        return Start("unshare", "-Ur", "sh", "-c", set, "sh");
    }

    /// <summary>Whether somebody else, as whom a command starts programs, can read those of the tests.</summary>
    internal static bool IsReadableForOthers(string[] prefix)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Vigil.TreeHost.dll");
        string[] words = [.. prefix, "test", "-r", program, "-a", "-x", Sibling.Dotnet];
        using ChildProcess probe = ChildProcess.Start(words[0], words[1..]);
        return probe.WaitForExit() == 0;
    }

    public void Dispose() => _process.Dispose();

    /// <summary>Stops it, wherever it is; returns when it stands still.</summary>
    internal void Stop()
    {
        _process.Send(Signal.SIGSTOP);
        // The state stands behind the name: proc_pid_stat(5).
        Eventually.True(
            () => Tasks("stat").TrueForAll(task => task.Text[task.Text.LastIndexOf(')') + 2] == 'T'),
            "the host to stop");
    }

    /// <summary>Lets it go on.</summary>
    internal void Continue() => _process.Send(Signal.SIGCONT);

    /// <summary>Gives a command.</summary>
    internal void Send(params string[] words)
    {
        _process.Input.WriteLine(string.Join('\t', words));
        _process.Input.Flush();
    }

    /// <summary>Waits for the next line with a start.</summary>
    internal string Answer(string start) => _process.Output.WaitForLine(
        line => line.StartsWith(start, StringComparison.Ordinal), $"a line that starts with '{start}'");

    /// <summary>Waits for the next line with a start, or that says why there is none.</summary>
    internal string AnswerOrError(string start) => _process.Output.WaitForLine(
        line => line.StartsWith(start, StringComparison.Ordinal) || line.StartsWith("error ", StringComparison.Ordinal),
        $"'{start}' or an error");

    /// <summary>Waits until a line with a start was printed, now or before.</summary>
    internal void WaitFor(string start) => Eventually.True(() => Told(start).Length > 0, $"'{start}' to be told");

    /// <summary>Gives a command and waits for its answer; an error fails the test.</summary>
    internal string Ask(string start, params string[] words)
    {
        Send(words);
        string answer = AnswerOrError(start);
        Assert.True(answer.StartsWith(start, StringComparison.Ordinal), answer);
        return answer;
    }

    /// <summary>Gives a command that must be refused.</summary>
    internal string Refused(params string[] words)
    {
        Send(words);
        return Answer("error ");
    }

    /// <summary>Runs a command of the shell where the host is.</summary>
    internal void Shell(string command) => Ask("ran", "shell", command);

    /// <summary>What its reader holds, and its snapshot, must be the disk.</summary>
    /// <returns>How many entries there are.</returns>
    internal int Check(string root)
    {
        int before = Lines.Count;
        string[] words = Ask("checked ", "check", root).Split(' ');
        string[] wrong = [.. Told("wrong ", before)];
        Assert.True(wrong.Length == 0, $"of {words[1]} entries:\n  {string.Join("\n  ", wrong)}");
        return int.Parse(words[1], CultureInfo.InvariantCulture);
    }

    /// <summary>The lines with a start, from one on.</summary>
    internal string[] Told(string start, int from = 0) =>
        [.. Lines.Skip(from).Where(line => line.StartsWith(start, StringComparison.Ordinal))];

    /// <summary>One of the counters.</summary>
    internal long Statistic(string name)
    {
        string line = Ask("statistics ", "statistics");
        int at = line.IndexOf(name + " = ", StringComparison.Ordinal) + name.Length + 3;
        int end = line.IndexOfAny([',', ' ', '}'], at);
        return long.Parse(line[at..end], CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Lets some time pass and expects that the watcher's thread sleeps through it, but for the looks that it owes.
    /// </summary>
    internal void ExpectRest()
    {
        (long wakings, long busyNs) = Activity();
        long start = Stopwatch.GetTimestamp();
        Eventually.True(() => Stopwatch.GetElapsedTime(start).TotalMilliseconds > 700, "some time to pass");
        (long wakingsAfter, long busyNsAfter) = Activity();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        // What goes round in doubts wakes up 200 times a second, what spins does not sleep at all.
        Assert.InRange(wakingsAfter - wakings, 0, 60 + (60 * seconds));
        Assert.InRange((busyNsAfter - busyNs) / 1e9, 0, 0.5 * seconds);
    }

    // A file of each of its threads; one that ends meanwhile is left out.
    private List<(string Directory, string Text)> Tasks(string file)
    {
        List<(string, string)> tasks = [];
        foreach (string task in Directory.GetDirectories($"/proc/{_process.Id}/task"))
        {
            try
            {
                tasks.Add((task, File.ReadAllText(Path.Join(task, file))));
            }
            catch (IOException)
            {
                // It has ended.
            }
        }

        return tasks;
    }

    // How often the watcher's thread went to sleep, and how long it worked: proc_pid_status(5), and the first number
    // of schedstat.
    private (long Wakings, long BusyNs) Activity()
    {
        string thread = Tasks("comm").Single(task => task.Text.Trim() == "vigil tree").Directory;
        string wakings = File.ReadLines(thread + "/status")
            .Single(line => line.StartsWith("voluntary_ctxt_switches:", StringComparison.Ordinal));
        string busy = File.ReadAllText(thread + "/schedstat").Split(' ')[0];
        return (
            long.Parse(wakings.Split('\t')[1], CultureInfo.InvariantCulture),
            long.Parse(busy, CultureInfo.InvariantCulture));
    }
}
