namespace Vigil.Native.Inotify.Tests;

/// <summary>The clients in samples/, each as its README builds and starts it.</summary>
public sealed class ClientTests : IDisposable
{
    private readonly TempTree _tree = new();

    public static TheoryData<string> Languages => [.. Client.Languages];

    public void Dispose() => _tree.Dispose();

    [Theory]
    [MemberData(nameof(Languages))]
    public void The_kernels_events_are_printed_and_an_interrupt_ends_it_cleanly(string language)
    {
        using ChildProcess client = Client.Start(language, "raw", _tree.Path);
        Expect(client, $"Watching {_tree.Path}, Ctrl-C ends");
        _ = ChildProcess.Shell("touch test; mkdir directory", _tree.Path);
        Expect(client, "wd: 1, mask: 100, flags: [:IN_CREATE], cookie: 0, len: 16, name: test");
        Expect(client, "wd: 1, mask: 20, flags: [:IN_OPEN], cookie: 0, len: 16, name: test");
        Expect(client, "wd: 1, mask: 8, flags: [:IN_CLOSE_WRITE], cookie: 0, len: 16, name: test");
        Expect(client, "wd: 1, mask: 40000100, flags: [:IN_CREATE, :IN_ISDIR], cookie: 0, len: 16, name: directory");
        Assert.Single(Watches(client));
        client.Send(Signal.SIGINT);
        Expect(client, "Exiting");
        Assert.Equal(0, client.WaitForExit());
        Assert.Empty(client.Errors.Lines);
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void The_changes_of_a_tree_are_printed_and_an_interrupt_ends_it_cleanly(string language)
    {
        using ChildProcess client = Client.Start(language, "tree", _tree.Path);
        Expect(client, "ready");
        _tree.WriteFile("d/e/a");
        Expect(client, $"created  {_tree.At("d/e/a")}");
        File.AppendAllText(_tree.At("d/e/a"), "more");
        Expect(client, $"closed   {_tree.At("d/e/a")}");
        File.Move(_tree.At("d/e/a"), _tree.At("d/b"));
        Expect(client, $"renamed  {_tree.At("d/e/a")} -> {_tree.At("d/b")}");
        Directory.Delete(_tree.At("d"), recursive: true);
        Expect(client, $"deleted  {_tree.At("d")}");
        client.Send(Signal.SIGINT);
        Expect(client, "Exiting");
        Assert.Equal(0, client.WaitForExit());
        Assert.Empty(client.Errors.Lines);
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void What_cannot_be_watched_is_said(string language)
    {
        foreach (string command in (string[])["raw", "tree"])
        {
            using ChildProcess client = Client.Start(language, command, _tree.At("missing"));
            Assert.Equal(1, client.WaitForExit());
            string complaint = Assert.Single(client.Errors.Lines);
            Assert.Contains("missing", complaint);
        }
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void When_the_tree_is_gone_the_client_ends(string language)
    {
        string directory = _tree.MakeDirectory("d");
        using ChildProcess client = Client.Start(language, "tree", directory);
        Expect(client, "ready");
        Directory.Delete(directory);
        _ = client.Output.WaitForLine(
            line => line.StartsWith($"gone     {directory}: ", StringComparison.Ordinal), "the end to be told");
        Assert.Equal(0, client.WaitForExit());
    }

    [Fact]
    public void Every_client_has_a_page_of_one_screen() => Assert.All(Languages, row =>
    {
        string[] page = File.ReadAllLines(RepositoryRoot.Combine("samples", row.Data, "README.md"));
        Assert.InRange(page.Length, 5, 45);
        Assert.Contains(page, line => line.StartsWith("# Watching from ", StringComparison.Ordinal));
    });

    [Fact]
    public void A_Ruby_program_that_asks_again_and_again_prints_and_ends_with_nothing_open()
    {
        using ChildProcess program = StartRuby("endless");
        Expect(program, "ready");
        _ = ChildProcess.Shell("touch test", _tree.Path);
        Expect(program, "wd: 1, mask: 100, cookie: 0, len: 16, name: test");
        Expect(program, "wd: 1, mask: 20, cookie: 0, len: 16, name: test");
        Expect(program, "wd: 1, mask: 8, cookie: 0, len: 16, name: test");
        program.Send(Signal.SIGINT);
        Expect(program, "Exiting");
        Assert.Equal(0, program.WaitForExit());
        Assert.Empty(program.Errors.Lines);
    }

    [Theory]
    [InlineData("million")]
    [InlineData("raises")]
    [InlineData("drops")]
    [InlineData("refusals")]
    [InlineData("threads")]
    public void Ruby(string check)
    {
        using ChildProcess program = StartRuby(check);
        int status = program.WaitForExit(TimeSpan.FromMinutes(3));
        Assert.True(status == 0, $"{check} ended with {status}:\n{string.Join('\n', program.Errors.Lines)}");
        foreach (string line in program.Output.Lines)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(line);
        }
    }

    // The watches that the kernel has for the process, in its one instance: proc_pid_fdinfo(5).
    private static string[] Watches(ChildProcess client) =>
    [
        .. Directory.EnumerateFiles($"/proc/{client.Id}/fdinfo")
            .SelectMany(File.ReadAllLines)
            .Where(line => line.StartsWith("inotify wd:", StringComparison.Ordinal)),
    ];

    private static void Expect(ChildProcess client, string line) => Client.Expect(client, line);

    private ChildProcess StartRuby(string check) => Installed.Start(
        "ruby",
        Client.TestScript("events.rb"),
        check,
        _tree.Path);
}
