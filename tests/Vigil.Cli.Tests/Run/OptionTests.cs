using Vigil.Testing;

namespace Vigil.Cli.Tests.Run;

/// <summary>Options that no other class is about.</summary>
public sealed class OptionTests : IDisposable
{
    private readonly RunProject _project = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void Sub_directories_are_left_alone_without_recursion()
    {
        _project.MakeDirectory("d");
        using ChildProcess run = _project.StartRecording("--postpone", "--no-recursive");
        _project.Write("d/a");
        Assert.Empty(_project.EndWithSentinel());
        _project.End(run);
    }

    [Fact]
    public void A_polled_tree_runs_as_well()
    {
        using ChildProcess run = _project.StartRecording("--postpone", "--backend", "poll", "--poll", "20ms");
        _project.Write("a");
        Assert.Equal(["run a"], _project.WaitForRuns(1));
        _project.End(run);
    }

    [Fact]
    public void Without_the_guard_a_loop_goes_on()
    {
        using ChildProcess run = _project.StartShell(RunProject.Record + "; echo x >> out.txt", "--no-loop-guard");
        _project.WaitForRuns(10);
        _project.End(run);
        Assert.DoesNotContain(run.Errors.Lines, static line => line.Contains("in each of the last"));
    }

    [Theory]
    [InlineData("--color never", "", false)]
    [InlineData("", "NO_COLOR=1", false)]
    [InlineData("--color always", "NO_COLOR=1", true)]
    public void Colours_are_as_asked(string options, string setting, bool isColored)
    {
        using ChildProcess terminal = _project.StartOnTerminal(
            $"{options} -- true", setting.Length > 0 ? [setting] : []);
        Eventually.True(() => terminal.Screen().Contains("q quit"), "the status line");
        Assert.Equal(isColored, terminal.Screen().Contains("\u001b[32m"));
        End(terminal);
    }

    [Fact]
    public void Without_a_status_line_results_are_lines()
    {
        using ChildProcess terminal = _project.StartOnTerminal("--no-status-line -- true");
        _ = terminal.Output.WaitForLine(static line => line.Contains("vigil: ok after"), "the result");
        Assert.DoesNotContain("q quit", terminal.Screen());
        End(terminal);
    }

    [Fact]
    public void Quiet_says_nothing_where_nothing_is_wrong()
    {
        using ChildProcess run = _project.Start("-q", "--", "sh", "-c", "echo run >> $LOG");
        _project.WaitForRuns(1);
        _project.Write("a");
        _project.WaitForRuns(2);
        _project.End(run);
        Assert.Empty(run.Errors.Lines);
    }

    [Fact]
    public void All_paths_gone_is_an_error()
    {
        _project.MakeDirectory("d");
        using ChildProcess run = _project.StartShell("sleep 1000", "-w", "d");
        Directory.Delete(_project.At("d"));
        Assert.Equal(1, run.WaitForExit());
        Assert.Contains(run.Errors.Lines, static line => line.Contains("every watched path is gone"));
    }

    [Theory]
    [InlineData("queue")]
    [InlineData("restart")]
    [InlineData("signal=USR1")]
    public void The_last_save_is_seen_in_every_mode(string mode) => Seed.RunMany(5, random =>
    {
        using ChildProcess run = _project.StartShell(
            "trap 'cat f > ../seen' USR1; cat f > ../seen 2>/dev/null; i=0; "
            + "while [ $i -lt 5 ]; do i=$((i+1)); sleep 0.01; done",
            "--on-busy", mode, "--kill-after", "50ms");
        string last = "";
        for (int i = 0; i < 100; i++)
        {
            last = $"{i} {new string('x', random.Next(5000))}";
            File.WriteAllText(_project.At("f"), last);
        }

        Eventually.True(
            () => File.Exists(_project.Beside("seen")) && File.ReadAllText(_project.Beside("seen")) == last,
            "the last save to be seen");
        _project.End(run);
        File.Delete(_project.Beside("seen"));
    });

    [Fact]
    public void Ctrl_Z_stops_the_command_too_and_both_go_on()
    {
        using ChildProcess terminal = _project.StartOnTerminal(
            "--shell -- 'echo $$ >> $LOG; : $TOKEN; while :; do sleep 0.01; done'");
        int id = int.Parse(_project.WaitForRuns(1)[0]);
        terminal.Input.Write('\u001a');
        terminal.Input.Flush();
        Eventually.True(() => ProcessState.IsStopped(id), "the command to stop");
        int vigil = Parent(id);
        Eventually.True(() => ProcessState.IsStopped(vigil), "vigil to stop");

        // script(1) stops as well when its child does, and lets it go on when it goes on itself.
        Eventually.True(() => ProcessState.IsStopped(terminal.Id), "the terminal to stop");
        terminal.Send(Signal.SIGCONT);
        Eventually.True(() => !ProcessState.IsStopped(id) && !ProcessState.IsStopped(vigil), "both to go on");
        End(terminal);
        Assert.Empty(_project.Living());
    }

    private static int Parent(int id)
    {
        string stat = File.ReadAllText($"/proc/{id}/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1]);
    }

    private static void End(ChildProcess terminal)
    {
        terminal.Input.Write("q");
        terminal.Input.Flush();
        Assert.Equal(0, terminal.WaitForExit());
    }
}
