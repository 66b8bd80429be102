using Vigil.Testing;

namespace Vigil.Cli.Tests.Run;

/// <summary>What a person sees and types on a terminal.</summary>
public sealed class RunTerminalTests : IDisposable
{
    private const string Status = "r run, p pause, q quit, ? help";
    private readonly RunProject _project = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void A_status_line_has_the_result_and_keys_run_pause_and_quit()
    {
        using ChildProcess terminal = _project.StartOnTerminal("--shell -- 'echo run >> $LOG'");
        WaitFor(terminal, Status);
        Assert.Contains("\u001b[32mok after ", terminal.Screen());
        Type(terminal, "r");
        _project.WaitForRuns(2);
        WaitFor(terminal, "asked for: echo run");
        Type(terminal, "p");
        WaitFor(terminal, "vigil: paused");
        _project.Write("a");
        Type(terminal, "?");
        WaitFor(terminal, "run now");
        Assert.Equal(2, _project.Log.Length);
        Type(terminal, "p");
        _project.WaitForRuns(3);
        Type(terminal, "q");
        Assert.Equal(0, terminal.WaitForExit());
        Assert.Equal(3, _project.Log.Length);
    }

    [Fact]
    public void A_failure_rings_and_notifies_and_the_screen_is_cleared()
    {
        using ChildProcess terminal = _project.StartOnTerminal("--bell --notify --clear -- sh -c 'exit 3'");
        WaitFor(terminal, Status);
        string screen = terminal.Screen();
        Assert.Contains("\u001b[H\u001b[2J\u001b[3J", screen);
        Assert.Contains("\a\u001b]9;vigil: sh -c 'exit 3': failed with status 3", screen);
        Assert.Contains("\u001b[31mfailed with status 3", screen);
        Type(terminal, "q");
        Assert.Equal(0, terminal.WaitForExit());
    }

    [Fact]
    public void Without_a_terminal_it_is_plain_text()
    {
        using ChildProcess run = _project.Start("--bell", "--notify", "--clear", "--", "sh", "-c", "exit 3");
        _ = run.Errors.WaitForLine(static line => line.Contains("failed with status 3"), "the end of the run");
        _project.End(run);
        Assert.DoesNotContain(run.Errors.Lines.Concat(run.Output.Lines), static line => line.Any(char.IsControl));
    }

    [Fact]
    public void A_command_that_reads_gets_the_terminal_and_gives_it_back()
    {
        using ChildProcess terminal = _project.StartOnTerminal(
            "--shell -- 'printf \"name? \"; read name; echo \"$name\" >> $LOG'");
        Answer(terminal, "one", 1);
        WaitFor(terminal, Status);
        Type(terminal, "r");
        Answer(terminal, "two", 2);
        Eventually.True(() => terminal.Screen().Split(Status).Length > 2, "the status line");
        Type(terminal, "q");
        Assert.Equal(0, terminal.WaitForExit());
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("always")]
    public void Ctrl_C_in_a_command_with_the_terminal_ends_both(string when)
    {
        using ChildProcess terminal = _project.StartOnTerminal(
            $"--interactive {when} --shell -- 'read x; echo $TOKEN; cat'");
        Eventually.True(
            () =>
            {
                Type(terminal, "\n");
                return terminal.Screen().Contains(_project.Token);
            },
            "the command to have the terminal");
        Type(terminal, Terminal.ControlC.ToString());
        Assert.Equal(0, terminal.WaitForExit());
        Assert.Empty(_project.Living());
    }

    [Fact]
    public void Vim_has_the_terminal_while_it_runs()
    {
        _project.Write("text", "one\n");
        using ChildProcess terminal = _project.StartOnTerminal(
            $"--postpone -i go -- vim -u NONE -n {_project.Beside("v")}");
        _ = terminal.Output.WaitForLine(static line => line.Contains("ready in"), "the watcher to be ready");
        _project.Write("go");
        WaitFor(terminal, "[New");
        Type(terminal, "ihello\u001b:wq\r");
        Eventually.True(
            () => File.Exists(_project.Beside("v")) && File.ReadAllText(_project.Beside("v")) == "hello\n", "the text");
        WaitFor(terminal, Status);
        Type(terminal, "q");
        Assert.Equal(0, terminal.WaitForExit());
    }

    [Fact]
    public void Never_interactive_means_that_there_is_nothing_to_read()
    {
        using ChildProcess terminal = _project.StartOnTerminal("--interactive never --shell -- 'wc -c >> $LOG'");
        Assert.Equal("0", _project.WaitForRuns(1)[0].Trim());
        Type(terminal, "q");
        Assert.Equal(0, terminal.WaitForExit());
    }

    [Fact]
    public void The_terminal_is_as_it_was_in_the_end()
    {
        using ChildProcess shell = ChildProcess.Start(
            "script",
            ["-qec", $"stty -a > before; '{PublishedBinary.Path}' run -- true; stty -a > after", "/dev/null"],
            _project.Beside("."));
        WaitFor(shell, "q quit");
        Type(shell, "q");
        Assert.Equal(0, shell.WaitForExit());
        Assert.Equal(File.ReadAllText(_project.Beside("before")), File.ReadAllText(_project.Beside("after")));
    }

    [Fact]
    public void Keys_work_again_after_bg_and_fg()
    {
        using ChildProcess shell = ChildProcess.Start("script", ["-qec", "bash --norc -i", "/dev/null"], _project.Root);
        Type(shell, $"'{PublishedBinary.Path}' run -- true\n");
        WaitFor(shell, Status);
        Type(shell, "\u001a");
        WaitFor(shell, "Stopped");
        Type(shell, "bg; echo in-the-'back'ground\n");
        WaitFor(shell, "in-the-background");
        Type(shell, "fg\n");
        Eventually.True(() => shell.Screen().Split(Status).Length > 2, "the status line in the foreground");
        Type(shell, "q");
        Eventually.True(
            () =>
            {
                // Again where vigil took it, which reads the keys until it has ended.
                Type(shell, "echo the-'end'\n");
                return shell.Screen().Contains("the-end");
            },
            "the shell to have the terminal");
        Type(shell, "exit\n");
        Assert.Equal(0, shell.WaitForExit());
    }

    // Again where vigil, which had the terminal until the command read from it, took the keys.
    private void Answer(ChildProcess terminal, string answer, int runs)
    {
        Eventually.True(() => terminal.Screen().Split("name? ").Length > runs, "the question");
        Eventually.True(
            () =>
            {
                Type(terminal, answer + "\n");
                return _project.Log.Length >= runs;
            },
            "the answer to arrive");
        Assert.EndsWith(answer, _project.Log[runs - 1]);
    }

    private static void Type(ChildProcess terminal, string keys)
    {
        terminal.Input.Write(keys);
        terminal.Input.Flush();
    }

    private static void WaitFor(ChildProcess terminal, string text) =>
        Eventually.True(() => terminal.Screen().Contains(text), $"'{text}' on the terminal");
}
