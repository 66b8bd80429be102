namespace Vigil.Native.Inotify.Tests;

/// <summary>How the clients in samples/ end while events pour, and what they leave behind.</summary>
public sealed class ClientEndTests : IDisposable
{
    private const int SignalInterruptBit = 1 << ((int)Signal.SIGINT - 1);

    private readonly TempTree _tree = new();

    public static TheoryData<string> Languages => [.. Client.Languages];

    public void Dispose() => _tree.Dispose();

    // Where a language runs what it likes in a callback of C, an interrupt that comes there may be lost: so often.
    [Theory]
    [InlineData("ruby", "raw", 20)]
    [InlineData("python", "raw", 20)]
    [InlineData("ruby", "tree", 5)]
    [InlineData("python", "tree", 5)]
    [InlineData("c", "raw", 5)]
    [InlineData("c", "tree", 5)]
    [InlineData("go", "raw", 5)]
    [InlineData("go", "tree", 5)]
    [InlineData("rust", "raw", 5)]
    [InlineData("rust", "tree", 5)]
    [InlineData("node", "raw", 5)]
    [InlineData("node", "tree", 5)]
    public void An_interrupt_while_events_pour_ends_it_with_nothing_open(string language, string command, int runs)
    {
        using var storm = new Storm(_tree.Path);
        for (int run = 0; run < runs; run++)
        {
            using ChildProcess client = Client.Start(
                Client.Command(language, command, _tree.Path, tellsWhatIsLeft: true));
            for (int lines = 0; lines < 10 + (run * 7); lines++)
            {
                _ = client.Output.WaitForLine(line => line.Contains("storm", StringComparison.Ordinal), "an event");
            }

            client.Send(Signal.SIGINT);
            Assert.Equal(0, client.WaitForExit());
            Assert.EndsWith("Exiting", client.Output.Lines[^1]); // what is printed may be cut short by the interrupt
            Assert.Empty(client.Errors.Lines);
        }
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void A_client_whose_reader_has_gone_ends(string language)
    {
        foreach (string command in (string[])["raw", "tree"])
        {
            string[] client = Client.Command(language, command, _tree.Path);
            using ChildProcess pipe = Installed.Start("sh", ["-c", "\"$@\" | head -n 1", "sh", .. client]);
            _ = pipe.Output.WaitForLine(_ => true, "the line that is read");
            using var storm = new Storm(_tree.Path);
            Assert.Equal(0, pipe.WaitForExit());
            Assert.Empty(pipe.Errors.Lines);
        }
    }

    // proc_pid_status(5): main lets the signal in while it waits, and nobody else may take it.
    [Theory]
    [InlineData("raw")]
    [InlineData("tree")]
    public void No_thread_of_the_library_takes_the_interrupt_of_a_C_program(string command)
    {
        using ChildProcess client = Client.Start("c", command, _tree.Path);
        _ = client.Output.WaitForLine(_ => true, "the first line");
        _tree.WriteFile("a");
        _ = client.Output.WaitForLine(line => line.Contains('a'), "an event");
        string tasks = $"/proc/{client.Id}/task";
        Assert.True(Directory.GetDirectories(tasks).Length > 1, "the library has threads");
        Eventually.Passes(
            () => Assert.Equal([$"{tasks}/{client.Id}"], Directory.GetDirectories(tasks).Where(TakesInterrupts)),
            "main to wait, and no other to take the signal");
    }

    [Theory]
    [InlineData("blocks")]
    [InlineData("interrupts")]
    [InlineData("timeouts")]
    [InlineData("misuse")]
    [InlineData("forks")]
    [InlineData("forgotten")]
    public void Ruby(string check) => Check("ruby", Client.TestScript("client.rb"), check, _tree.Path);

    [Theory]
    [InlineData("interrupts")]
    [InlineData("closes")]
    [InlineData("misuse")]
    [InlineData("forks")]
    public void Python(string check) => Check("python3", Client.TestScript("client.py"), check, _tree.Path);

    [Theory]
    [InlineData("closes")]
    [InlineData("reads")]
    [InlineData("misuse")]
    [InlineData("many")]
    public void Node(string check) =>
        Check("node", Client.TestScript("client.mjs"), Client.NodeFile("vigil.js"), check, _tree.Path);

    [Fact]
    public void Go() => Installed.Run("go", ["test", "-count=1", "."], RepositoryRoot.Combine("samples", "go"));

    private static void Check(string program, params string[] arguments)
    {
        using ChildProcess run = Installed.Start(program, arguments);
        int status = run.WaitForExit(TimeSpan.FromMinutes(3));
        Assert.True(status == 0, $"it ended with {status}:\n{string.Join('\n', run.Errors.Lines)}");
        Assert.Empty(run.Errors.Lines);
    }

    private static bool TakesInterrupts(string task)
    {
        const string Field = "SigBlk:";
        string mask = File.ReadLines(Path.Combine(task, "status"))
            .First(line => line.StartsWith(Field, StringComparison.Ordinal));
        return (Convert.ToUInt64(mask[Field.Length..].Trim(), 16) & SignalInterruptBit) == 0;
    }
}
