using Vigil.Testing;

namespace Vigil.Cli.Tests;

/// <summary>How the command ends: signals, time, a reader that goes away, an output that takes nothing.</summary>
public sealed class EndTests : IDisposable
{
    private readonly TempTree _tree = new();

    public static TheoryData<string> Modes => ["--raw", "--json"];

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("--raw", Signal.SIGINT)]
    [InlineData("--raw", Signal.SIGTERM)]
    [InlineData("--json", Signal.SIGINT)]
    [InlineData("--json", Signal.SIGTERM)]
    public void A_signal_is_an_orderly_end(string mode, Signal signal)
    {
        using ChildProcess watch = Start(mode);
        WaitForReady(watch);
        watch.Send(signal);
        Assert.Equal(0, watch.WaitForExit());
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void The_time_given_ends_with_status_3(string mode) =>
        Assert.Equal(3, CommandRun.In(_tree.Path, "watch", mode, "--timeout", "50ms", ".").Status);

    [Theory]
    [MemberData(nameof(Modes))]
    public void An_error_weighs_more_than_the_time(string mode) =>
        Assert.Equal(1, CommandRun.In(_tree.Path, "watch", mode, "--timeout", "50ms", ".", "missing").Status);

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_reader_that_goes_away_ends_it_quietly_even_if_nothing_happens(string mode)
    {
        // "ready" is the one line that head waits for; after it nothing is ever written.
        string command = $"'{PublishedBinary.Path}' watch {mode} --json --quiet . | head -n 1; echo ${{PIPESTATUS[0]}}";
        using ChildProcess shell = ChildProcess.Start("bash", ["-c", command], _tree.Path);
        Assert.Equal(0, shell.WaitForExit());
        Assert.StartsWith("{\"kind\":\"ready\"", shell.Output.Lines[0]);
        Assert.Equal("0", shell.Output.Lines[1]);
        Assert.Empty(shell.Errors.Lines);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_signal_ends_it_although_nobody_empties_the_pipe(string mode)
    {
        // sleep keeps the pipe open and reads nothing, so that there is never room again.
        string command = $"'{PublishedBinary.Path}' watch {mode} --json . > >(exec sleep 1000) & echo $!; wait $!";
        using ChildProcess shell = ChildProcess.Start("bash", ["-c", command], _tree.Path);
        int pid = int.Parse(shell.Output.WaitForLine(static _ => true, "the id of the command"));
        Eventually.True(() => IsWatching(pid), "the watch to be set");
        for (int i = 0; i < 5000; i++)
        {
            _tree.WriteFile($"{i}");
        }

        Eventually.True(() => IsBlocked(pid), "a full pipe");
        _ = ChildProcess.Shell($"kill -TERM {pid}");
        Eventually.True(() => !Directory.Exists($"/proc/{pid}"), "the end of the command");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void The_time_given_ends_it_although_nobody_empties_the_pipe(string mode)
    {
        // The pipe is full before the command starts.
        string command = "mkfifo p; sleep 1000 < p & exec 3> p; "
            + "dd if=/dev/zero bs=4096 count=16 >&3 2>/dev/null; "
            + $"'{PublishedBinary.Path}' watch {mode} --json --timeout 50ms . >&3; echo $?; kill $!";
        command = command.Replace("--json --json", "--json");
        using ChildProcess shell = ChildProcess.Start("bash", ["-c", command], _tree.Path);
        CommandRun run = CommandRun.End(shell);
        Assert.Equal("3", Assert.Single(run.Output));
        Assert.Contains("bytes were not written: standard output was not read for 1 s", run.Errors[^1]);
    }

    [Fact]
    public void Without_standard_output_it_runs_all_the_same()
    {
        string command = $"'{PublishedBinary.Path}' watch --timeout 50ms . >&- 2>&- || echo $?";
        Assert.Equal("3", Assert.Single(ChildProcess.Shell(command, _tree.Path)));
    }

    [Fact]
    public void A_full_disk_is_an_error()
    {
        string command = $"'{PublishedBinary.Path}' watch --raw --json --quiet . > /dev/full";
        using ChildProcess shell = ChildProcess.Start("bash", ["-c", command], _tree.Path);
        Assert.Equal(1, shell.WaitForExit());
        Assert.Contains("standard output", Assert.Single(shell.Errors.Lines));
        Assert.Contains("ENOSPC", shell.Errors.Lines[0]);
    }

    [Fact]
    public void Output_appended_to_a_file_keeps_what_others_write()
    {
        string log = _tree.At("log");
        _tree.MakeDirectory("d");
        string watch = $"'{PublishedBinary.Path}' watch --raw --json --timeout 10ms d";
        _ = ChildProcess.Shell($"(echo before; {watch} || echo $?; echo after) > '{log}'", _tree.Path);
        Assert.Equal(["before", "{\"kind\":\"ready\"}", "3", "after"], File.ReadAllLines(log));
    }

    private static void WaitForReady(ChildProcess watch) =>
        watch.Output.WaitForLine(static line => line.Contains("\"ready\""), "the watcher to be ready");

    private static bool IsWatching(int pid) => Directory.GetFiles($"/proc/{pid}/fdinfo").Any(static info =>
    {
        try
        {
            return File.ReadAllText(info).Contains("inotify wd:");
        }
        catch (IOException)
        {
            return false;
        }
    });

    // Some thread of it waits for room, in poll(2) with two descriptors: call 7 on x86-64, ppoll(2), 73, on arm64.
    private static bool IsBlocked(int pid) => Directory.GetDirectories($"/proc/{pid}/task").Any(static task =>
    {
        try
        {
            string call = File.ReadAllText(task + "/syscall");
            string[] words = call.Split(' ');
            return words is ["7" or "73", _, "0x2", ..];
        }
        catch (IOException)
        {
            return false;
        }
    });

    private ChildProcess Start(string mode) =>
        CommandRun.Start(_tree.Path, [.. new[] { "watch", mode, "--json", "." }.Distinct()]);
}
