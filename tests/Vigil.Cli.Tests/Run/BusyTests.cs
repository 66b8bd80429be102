using Vigil.Testing;

namespace Vigil.Cli.Tests.Run;

/// <summary>When a run starts, and what a change does while one goes on.</summary>
public sealed class BusyTests : IDisposable
{
    // Records, says that it runs, and goes on until the file "go" is there.
    private const string Slow =
        RunProject.Record + "; : > ../runs; until [ -e ../go ]; do sleep 0.01; done; rm -f ../go";
    private readonly RunProject _project = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void It_runs_at_the_start_and_at_each_change()
    {
        using ChildProcess run = _project.StartRecording();
        _project.WaitForRuns(1);
        _project.Write("a");
        _project.WaitForRuns(2);
        File.Delete(_project.At("a"));
        Assert.Equal(["run", "run a", "run a"], _project.WaitForRuns(3));
        _project.End(run);
    }

    [Fact]
    public void Postponed_it_waits_for_the_first_change()
    {
        using ChildProcess run = _project.StartRecording("--postpone");
        Assert.Empty(_project.EndWithSentinel());
        _project.End(run);
    }

    [Fact]
    public void A_burst_of_5000_changes_is_one_run()
    {
        // Made while vigil is stopped, so that the test does not measure who else has the processor.
        using ChildProcess run = _project.StartRecording("--postpone");
        run.Send(Signal.SIGSTOP);
        Eventually.True(() => ProcessState.IsStopped(run.Id), "vigil to stop");
        for (int i = 0; i < 5000; i++)
        {
            File.WriteAllText(_project.At($"f{i}"), "x");
        }

        run.Send(Signal.SIGCONT);
        string[] lines = _project.WaitForRuns(1);
        Assert.Equal(5001, lines[0].Split(' ').Length);
        Assert.Single(_project.EndWithSentinel());
        _project.End(run);
    }

    [Fact]
    public void A_burst_as_it_happens_is_one_run()
    {
        using ChildProcess run = _project.StartRecording("--postpone", "--settle", "2s");
        for (int i = 0; i < 5000; i++)
        {
            File.WriteAllText(_project.At($"f{i}"), "x");
        }

        string[] lines = _project.WaitForRuns(1);
        Assert.Equal(5001, lines[0].Split(' ').Length);
        _project.End(run);
    }

    [Fact]
    public void A_change_during_a_run_starts_one_more_run_afterwards()
    {
        using ChildProcess run = _project.StartShell(Slow);
        WaitForRun();
        _project.Write("a");
        _project.Write("b");
        Go();
        WaitForRun();
        Assert.Equal(["run", "run a b"], _project.Log);
        Go();
        _ = run.Errors.WaitForLine(static line => line.Contains("ok after"), "the first end");
        _ = run.Errors.WaitForLine(static line => line.Contains("ok after"), "the second end");
        _project.End(run);
    }

    [Fact]
    public void No_save_of_many_during_runs_is_lost()
    {
        using ChildProcess run = _project.StartShell("cat f > ../seen 2>/dev/null; sleep 0.02");
        for (int i = 0; i < 300; i++)
        {
            File.WriteAllText(_project.At("f"), $"{i}");
        }

        string seen = _project.Beside("seen");
        Eventually.True(
            () => File.Exists(seen) && File.ReadAllText(seen) == "299", "the last save to be seen");
        _project.End(run);
    }

    [Fact]
    public void Restarting_stops_the_old_run_before_the_new_one()
    {
        string script = "trap 'echo stopped >> $LOG; exit' TERM; " + RunProject.Record
            + "; while :; do sleep 0.01; done";
        using ChildProcess run = _project.StartShell(script, "-r");
        _project.WaitForRuns(1);
        _project.Write("a");
        Assert.Equal(["run", "stopped", "run a"], _project.WaitForRuns(3));
        _project.End(run);
    }

    [Fact]
    public void Ignored_changes_start_no_run_and_are_told_to_the_next()
    {
        using ChildProcess run = _project.StartShell(Slow, "--on-busy", "ignore");
        WaitForRun();
        _project.Write("a");
        Go();
        _ = run.Errors.WaitForLine(static line => line.Contains("ok after"), "the first run to end");
        _project.Write("b");
        Assert.Equal(["run", "run a b"], _project.WaitForRuns(2));
        Go();
        _project.End(run);
    }

    [Fact]
    public void A_signal_reaches_the_command_which_finds_the_changes()
    {
        const string Script = "trap 'sed s/.*path...// $VIGIL_CHANGES >> $LOG' USR1; : > ../runs; "
            + "while :; do sleep 0.01; done";
        using ChildProcess run = _project.StartShell(Script, "--on-busy", "signal=USR1");
        WaitForRun();
        _project.Write("a");
        Assert.Contains("w/a", _project.WaitForRuns(1)[0]);
        _project.Write("b");
        Assert.Contains("w/b", _project.WaitForRuns(2)[1]);
        _project.End(run);
    }

    [Fact]
    public void A_change_told_by_a_signal_that_ended_the_command_starts_a_run()
    {
        using ChildProcess run = _project.StartShell(
            RunProject.Record + "; : > ../runs; while :; do sleep 0.01; done", "--on-busy", "signal=HUP");
        WaitForRun();
        _project.Write("a");
        WaitForRun();
        Assert.Equal(["run", "run a"], _project.Log);
        _project.End(run);
    }

    [Fact]
    public void What_changed_while_a_run_was_stopped_is_compared_with_as_well()
    {
        _project.Write("a", "one");
        _project.Write("b", "one");
        using ChildProcess run = _project.StartShell(
            "trap ': > ../stopping' TERM; " + RunProject.Record + "; : > ../runs; while :; do sleep 0.01; done",
            "--content",
            "-r",
            "--kill-after",
            "500ms");
        WaitForRun();
        _project.Write("a", "two");
        Eventually.True(() => File.Exists(_project.Beside("stopping")), "the first run to be stopped");
        _project.Write("b", "two");
        WaitForRun();

        // As it was at the start, but not as the second run has seen it.
        _project.Write("b", "one");
        WaitForRun();
        Assert.Equal(["run", "run a b", "run b"], _project.Log);
        _project.End(run);
    }

    [Fact]
    public void The_same_bytes_written_again_are_no_change_with_content()
    {
        _project.Write("a", "one");
        using ChildProcess run = _project.StartRecording("--content");
        _project.WaitForRuns(1);
        _project.Write("a", "one");
        File.WriteAllText(_project.At("a.new"), "one");
        File.Move(_project.At("a.new"), _project.At("a"), overwrite: true);
        Assert.Equal(["run"], _project.EndWithSentinel());
        _project.Write("a", "two");
        Assert.Equal("run a", _project.WaitForRuns(3)[2]);
        _project.End(run);
    }

    [Fact]
    public void Content_is_compared_whatever_bytes_a_name_has()
    {
        const string Write = "printf one > \"$(printf 'a\\377b')\"";
        _ = ChildProcess.Shell(Write, _project.Root);
        using ChildProcess run = _project.StartRecording("--content");
        _project.WaitForRuns(1);
        _ = ChildProcess.Shell(Write, _project.Root);
        Assert.Equal(["run"], _project.EndWithSentinel());
        _project.End(run);
    }

    [Fact]
    public void Once_ends_with_the_status_of_the_command()
    {
        CommandRun once = CommandRun.In(_project.Root, "run", "--once", "--", "sh", "-c", "exit 7");
        Assert.Equal(7, once.Status);
        using ChildProcess killed = _project.Start("--once", "--", "sh", "-c", "kill -KILL $$");
        Assert.Equal(137, killed.WaitForExit());
    }

    [Fact]
    public void Once_and_postponed_it_runs_at_the_first_change()
    {
        using ChildProcess run = _project.StartShell(RunProject.Record + "; exit 3", "--once", "--postpone");
        _project.Write("a");
        Assert.Equal(3, run.WaitForExit());
        Assert.Equal(["run a"], _project.Log);
    }

    [Fact]
    public void Exit_on_change_ends_where_a_second_run_would_begin()
    {
        using ChildProcess run = _project.StartShell(RunProject.Record + "; exit 4", "--exit-on-change");
        _ = run.Errors.WaitForLine(static line => line.Contains("failed"), "the run to end");
        _project.Write("a");
        Assert.Equal(4, run.WaitForExit());
        Assert.Equal(["run"], _project.Log);
    }

    [Fact]
    public void Exit_on_change_stops_what_runs()
    {
        using ChildProcess run = _project.StartShell(
            "trap 'exit 9' TERM; : > ../runs; while :; do sleep 0.01; done", "--exit-on-change");
        WaitForRun();
        _project.Write("a");
        Assert.Equal(9, run.WaitForExit());
    }

    private void WaitForRun()
    {
        Eventually.True(() => File.Exists(_project.Beside("runs")), "the command to run");
        File.Delete(_project.Beside("runs"));
    }

    private void Go()
    {
        File.WriteAllText(_project.Beside("go"), "");
        Eventually.True(() => !File.Exists(_project.Beside("go")), "the command to go on");
    }
}
