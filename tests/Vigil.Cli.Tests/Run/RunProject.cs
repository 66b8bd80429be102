using Vigil.Testing;

namespace Vigil.Cli.Tests.Run;

/// <summary>
/// A directory that a test lets <c>vigil run</c> watch, and beside it a log that the commands write: one line a run.
/// </summary>
internal sealed class RunProject : IDisposable
{
    /// <summary>Appends a line to the log: <c>run</c> and the names that changed, in their order.</summary>
    internal const string Record =
        "line=run; while read -r p; do line=\"$line ${p##*/}\"; done; echo \"$line\" >> \"$LOG\"";

    private readonly TempTree _tree = TempTree.InMemory();

    internal RunProject() => Directory.CreateDirectory(Root);

    /// <summary>What is watched, and where vigil runs.</summary>
    internal string Root => _tree.At("w");

    /// <summary>The lines of the log.</summary>
    internal string[] Log => File.Exists(LogPath) ? File.ReadAllLines(LogPath) : [];

    /// <summary>Where the log is; commands know it as $LOG.</summary>
    internal string LogPath => _tree.At("log");

    /// <summary>A word by which the processes of this test are known.</summary>
    internal string Token { get; } = "token-" + Guid.NewGuid().ToString("N");

    private Dictionary<string, string?> Environment => new() { ["LOG"] = LogPath, ["TOKEN"] = Token };

    public void Dispose() => _tree.Dispose();

    /// <summary>A path beside what is watched.</summary>
    internal string Beside(string name) => _tree.At(name);

    /// <summary>A path in what is watched.</summary>
    internal string At(string name) => Path.Combine(Root, name);

    /// <summary>Writes a file in what is watched.</summary>
    internal string Write(string name, string text = "x\n") => _tree.WriteFile("w/" + name, text);

    /// <summary>Makes a directory in what is watched.</summary>
    internal void MakeDirectory(string name) => _tree.MakeDirectory("w/" + name);

    /// <summary>Starts vigil run with options and a command.</summary>
    internal ChildProcess Start(params string[] arguments) =>
        ChildProcess.Start(PublishedBinary.Path, ["run", .. arguments], Root, Environment);

    /// <summary>Starts it with a command that records what changed.</summary>
    internal ChildProcess StartRecording(params string[] options) => StartShell(Record, options);

    /// <summary>Starts it with a script that can read the paths that changed.</summary>
    internal ChildProcess StartShell(string script, params string[] options)
    {
        ChildProcess process = Start([.. options, "--stdin", "paths", "--", "sh", "-c", script]);
        _ = process.Errors.WaitForLine(static line => line.Contains("ready in"), "the watcher to be ready");
        return process;
    }

    /// <summary>Starts it on a terminal.</summary>
    internal ChildProcess StartOnTerminal(string arguments, params string[] settings) =>
        Terminal.Start(Root, "run " + arguments, [$"LOG={LogPath}", $"TOKEN={Token}", .. settings]);

    /// <summary>Waits until the log has so many lines.</summary>
    internal string[] WaitForRuns(int count)
    {
        Eventually.True(() => Log.Length >= count, $"{count} lines in the log, which has: {string.Join(" | ", Log)}");
        return Log;
    }

    /// <summary>Waits until the log has a line.</summary>
    internal void WaitForLine(string line) =>
        Eventually.True(() => Log.Contains(line), $"'{line}' in the log, which has: {string.Join(" | ", Log)}");

    /// <summary>
    /// Changes one more file and waits for its run: whatever was to start a run before has done so then.
    /// </summary>
    /// <returns>All lines of the log but the last.</returns>
    internal string[] EndWithSentinel()
    {
        Write("zz-sentinel");
        Eventually.True(
            () => Log is [.., { } last] && last.Contains("zz-sentinel"),
            $"the run of the sentinel; the log has: {string.Join(" | ", Log)}");
        Assert.Equal("run zz-sentinel", Log[^1]);
        return Log[..^1];
    }

    /// <summary>The processes of this test that live, without vigil itself and what runs it.</summary>
    internal List<string> Living()
    {
        List<string> found = [];
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            try
            {
                if (int.TryParse(Path.GetFileName(directory), out _)
                    && File.ReadAllText(Path.Combine(directory, "cmdline")).Replace('\0', ' ') is { } line
                    && line.Contains(Token) && !line.Contains(" run "))
                {
                    found.Add($"{Path.GetFileName(directory)}: {line}");
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile.
            }
        }

        return found;
    }

    /// <summary>Ends it by a signal, and expects a status.</summary>
    internal void End(ChildProcess process, int status = 0)
    {
        process.Send(Signal.SIGINT);
        Assert.Equal(status, process.WaitForExit());
        Assert.Empty(Living());
    }
}
