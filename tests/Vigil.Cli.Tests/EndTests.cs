using Vigil.Testing;

namespace Vigil.Cli.Tests;

/// <summary>How the command ends: signals, time, a reader that goes away, an output that takes nothing.</summary>
public sealed class EndTests : IDisposable
{
    private readonly TempTree _tree = TempTree.InMemory();

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
        Eventually.True(() => ProcessState.IsWatching(pid), "the watch to be set");
        for (int i = 0; i < 5000; i++)
        {
            _tree.WriteFile($"{i}");
        }

        Eventually.True(() => ProcessState.IsBlocked(pid), "a full pipe");
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

    [Theory]
    [InlineData("watch --raw --json --quiet .")]
    [InlineData("watch --json --quiet .")]
    [InlineData("watch --quiet --initial .")]
    [InlineData("--help")]
    [InlineData("watch --version")]
    public void A_full_disk_is_an_error(string arguments)
    {
        _tree.WriteFile("something");
        string command = $"'{PublishedBinary.Path}' {arguments} > /dev/full";
        using ChildProcess shell = ChildProcess.Start("bash", ["-c", command], _tree.Path);
        CommandRun run = CommandRun.End(shell);
        run.ExpectOneLine(1, "standard output");
        Assert.Contains("ENOSPC", run.Errors[0]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_reader_that_goes_away_in_a_storm_ends_it_quietly(string mode)
    {
        string command = $"'{PublishedBinary.Path}' watch {mode} --json --quiet . | head -n 1; echo ${{PIPESTATUS[0]}}";
        command = command.Replace("--json --json", "--json");
        using ChildProcess shell = ChildProcess.Start("bash", ["-c", command], _tree.Path);
        for (int i = 0; !shell.HasExited; i++)
        {
            _tree.WriteFile($"{i % 100}");
        }

        CommandRun run = CommandRun.End(shell);
        Assert.Equal(2, run.Output.Count);
        Assert.Equal("0", run.Output[1]);
        Assert.Empty(run.Errors);
    }

    [Fact]
    public void A_signal_ends_it_although_nobody_reads_standard_error()
    {
        // The pipe is full before the command starts, and its first word to a person does not fit.
        string command = "mkfifo p; sleep 1000 < p & exec 3> p; "
            + "dd if=/dev/zero bs=4096 count=16 >&3 2>/dev/null; "
            + $"'{PublishedBinary.Path}' watch . 2>&3 & echo $!; wait $!; echo $?; kill %1";
        using ChildProcess shell = ChildProcess.Start("bash", ["-c", command], _tree.Path);
        int pid = int.Parse(shell.Output.WaitForLine(static _ => true, "the id of the command"));
        Eventually.True(() => ProcessState.IsWatching(pid), "the watch to be set");
        _ = ChildProcess.Shell($"kill -TERM {pid}");
        Assert.Equal("0", shell.Output.WaitForLine(static _ => true, "its status"));
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

    private ChildProcess Start(string mode) =>
        CommandRun.Start(_tree.Path, [.. new[] { "watch", mode, "--json", "." }.Distinct()]);
}
