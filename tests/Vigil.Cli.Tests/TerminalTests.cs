using Vigil.Testing;

namespace Vigil.Cli.Tests;

/// <summary>What a person sees on a terminal, and nobody else: colours and progress.</summary>
public sealed class TerminalTests : IDisposable
{
    private const string Coloured = "\u001b[32mcreated\u001b[0m   d/a";
    private readonly TempTree _tree = TempTree.InMemory();

    public TerminalTests() => _tree.MakeDirectory("d");

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("", "", Coloured)]
    [InlineData("", "NO_COLOR=", Coloured)]
    [InlineData("", "NO_COLOR=1", "created   d/a")]
    [InlineData("", "TERM=dumb", "created   d/a")]
    [InlineData("--color never", "", "created   d/a")]
    [InlineData("--color always", "NO_COLOR=1", Coloured)]
    public void Colours_are_as_asked(string options, string setting, string line)
    {
        string[] settings = setting.Length > 0 ? [setting] : [];
        using ChildProcess terminal = Terminal.Start(_tree.Path, $"watch --count 1 {options} d", settings);
        _ = terminal.Output.WaitForLine(static text => text.Contains("ready in"), "the watcher to be ready");
        _tree.WriteFile("d/a");
        Assert.Equal(0, terminal.WaitForExit());
        Assert.Equal(line, terminal.Output.Lines[^1].TrimEnd('\r'));
    }

    [Fact]
    public void Progress_is_shown_on_a_terminal_unless_quiet_and_taken_off_again()
    {
        const string Progress = "vigil: scanning …";
        SlowDisk disk = new(_tree);
        using ChildProcess quiet = Terminal.Start(_tree.Path, "watch --quiet --json d", disk.Environment("quiet"));
        using ChildProcess piped = Terminal.Start(_tree.Path, "watch --json d 2> errors", disk.Environment("piped"));
        disk.WaitFor("quiet");
        disk.WaitFor("piped");

        // Those before have scanned for longer than this one when it says so.
        using ChildProcess terminal = Terminal.Start(_tree.Path, "watch d", disk.Environment("loud"));
        Eventually.True(() => terminal.Screen() == Progress, "the word that it scans");
        disk.Open();
        _ = terminal.Output.WaitForLine(static text => text.Contains("ready in"), "the watcher to be ready");
        Assert.StartsWith($"{Progress}\r\u001b[Kvigil: watching 1 directory", terminal.Screen());
        foreach (ChildProcess other in new[] { quiet, piped })
        {
            string ready = other.Output.WaitForLine(static _ => true, "the watcher to be ready");
            Assert.StartsWith("{\"kind\":\"ready\"", ready);
        }

        Assert.Empty(File.ReadAllText(_tree.At("errors")));
    }

    [Fact]
    public void Ctrl_C_ends_it_in_order()
    {
        using ChildProcess terminal = Terminal.Start(_tree.Path, "watch --color never d");
        _ = terminal.Output.WaitForLine(static text => text.Contains("ready in"), "the watcher to be ready");
        _tree.WriteFile("d/a");
        terminal.Input.Write(Terminal.ControlC);
        terminal.Input.Flush();
        Assert.Equal(0, terminal.WaitForExit());
        Assert.Contains("created   d/a", terminal.Screen());
    }

    [Fact]
    public void A_terminal_that_nobody_reads_is_not_waited_for()
    {
        using ChildProcess terminal = Terminal.Start(
            _tree.Path, "watch --json --events created d 2> errors & echo $! > pid; wait $!; echo $? > status");
        _ = terminal.Output.WaitForLine(static text => text.Contains("ready"), "the watcher to be ready");
        terminal.Send(Signal.SIGSTOP);
        for (int i = 0; i < 3000; i++)
        {
            _tree.WriteFile($"d/{i}");
        }

        // Whether it waits in poll(2) or in write(2): the terminal takes less than poll says.
        _ = ChildProcess.Shell($"kill -TERM $(cat pid)", _tree.Path);
        Eventually.True(() => File.Exists(_tree.At("status")), "the end of the command");
        terminal.Send(Signal.SIGCONT);
        Assert.Equal(0, terminal.WaitForExit());
        Assert.Equal("0\n", File.ReadAllText(_tree.At("status")));
        Assert.Contains("bytes were not written", File.ReadAllText(_tree.At("errors")));
    }
}
