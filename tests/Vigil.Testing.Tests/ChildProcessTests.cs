namespace Vigil.Testing.Tests;

public sealed class ChildProcessTests
{
    [Fact]
    public void Lines_are_read_while_it_runs_and_in_order()
    {
        using ChildProcess child = Sh("echo one; echo two; read answer; echo \"got $answer\"; echo oops >&2; exit 3");
        child.Output.WaitForLine(line => line == "one", "the first line");
        child.Output.WaitForLine(line => line == "two", "the second line");
        child.Input.WriteLine("yes");
        child.Input.Flush();
        child.Output.WaitForLine(line => line == "got yes", "the answer");
        Assert.Equal(3, child.WaitForExit());
        Assert.Equal(["oops"], child.Errors.Lines);
        Assert.Equal("one\ntwo\ngot yes\n"u8.ToArray(), child.Output.Bytes);
    }

    [Fact]
    public void A_line_that_never_comes_is_told_with_what_came_instead()
    {
        using ChildProcess child = Sh("echo something else");
        var e = Assert.Throws<EndOfStreamException>(
            () => child.Output.WaitForLine(line => line == "ready", "the child to be ready"));
        Assert.Contains("ended before the child to be ready", e.Message);
        Assert.Contains("something else", e.Message);
    }

    [Fact]
    public void A_child_that_hangs_is_told_too()
    {
        using ChildProcess child = Sh("echo here; exec sleep 1000");
        TimeSpan little = TimeSpan.FromMilliseconds(50);
        var e = Assert.Throws<TimeoutException>(
            () => child.Output.WaitForLine(line => line == "ready", "the child to be ready", little));
        Assert.Contains("for the child to be ready on standard output of sh", e.Message);
        Assert.Throws<TimeoutException>(() => child.WaitForExit(little));
    }

    [Fact]
    public void A_signal_reaches_it_and_shows_in_its_status()
    {
        using ChildProcess child = Sh("trap 'echo caught; exit 4' INT; echo ready; while :; do sleep 0.01; done");
        child.Output.WaitForLine(line => line == "ready", "the trap to be set");
        child.Send(Signal.SIGINT);
        Assert.Equal(4, child.WaitForExit());

        using ChildProcess other = Sh("echo ready; exec sleep 1000");
        other.Output.WaitForLine(line => line == "ready", "the shell to run");
        other.Send(Signal.SIGTERM);
        Assert.Equal(128 + (int)Signal.SIGTERM, other.WaitForExit());
        other.Send(Signal.SIGTERM);
    }

    [Theory]
    [InlineData("sleep 1000 & echo $!; wait")]
    [InlineData("(sleep 1000 & echo $!) & wait; exit 0")]
    public void What_it_started_ends_with_it(string command)
    {
        string id;
        using (ChildProcess child = Sh(command))
        {
            id = child.Output.WaitForLine(line => line.Length > 0, "the id of the grandchild");
        }

        Eventually.True(() => Gone(id), "the grandchild to be gone");
    }

    [Fact]
    public void A_program_that_is_not_there_says_so()
    {
        using ChildProcess child = ChildProcess.Start("no-such-program");
        Assert.Equal(127, child.WaitForExit());
        Assert.Contains("no-such-program", child.Errors.Lines[0]);
    }

    [Fact]
    public void A_shell_step_that_fails_shows_its_errors()
    {
        var e = Assert.Throws<InvalidOperationException>(() => ChildProcess.Shell("echo broken >&2; false; true"));
        Assert.Contains("broken", e.Message);
    }

    private static ChildProcess Sh(string command) => ChildProcess.Start("sh", "-c", command);

    // Where nothing reaps orphans, a process that was killed stays as a zombie.
    private static bool Gone(string id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }
}
