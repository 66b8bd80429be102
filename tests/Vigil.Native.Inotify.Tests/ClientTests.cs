namespace Vigil.Native.Inotify.Tests;

/// <summary>The clients in samples/, each as its README builds and starts it.</summary>
public sealed class ClientTests : IDisposable
{
    private static readonly Lazy<string?> NodeTrouble = new(InstallForNode);

    private readonly TempTree _tree = new();

    public static TheoryData<string> Languages => ["ruby", "c", "python", "go", "rust", "node"];

    public void Dispose() => _tree.Dispose();

    [Theory]
    [MemberData(nameof(Languages))]
    public void The_kernels_events_are_printed_and_an_interrupt_ends_it_cleanly(string language)
    {
        using ChildProcess client = Start(language, "raw", _tree.Path);
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
        using ChildProcess client = Start(language, "tree", _tree.Path);
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
            using ChildProcess client = Start(language, command, _tree.At("missing"));
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
        using ChildProcess client = Start(language, "tree", directory);
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
    [InlineData("refusals")]
    [InlineData("threads")]
    [InlineData("blocks")]
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

    private static ChildProcess Start(string language, string command, string directory)
    {
        string samples = RepositoryRoot.Combine("samples", language);
        switch (language)
        {
            case "ruby":
                return Installed.Start("ruby", Path.Combine(samples, "watch.rb"), command, directory);
            case "python":
                return Installed.Start("python3", Path.Combine(samples, "watch.py"), command, directory);
            case "node":
                Assert.SkipUnless(NodeTrouble.Value is null, $"koffi cannot be had: {NodeTrouble.Value}");
                string script = Path.Combine(Installed.MakeDirectory("node"), "watch.js");
                return Installed.Start("node", script, command, directory);
            case "go":
                return Installed.Start(
                    Installed.Build(samples, program => Installed.Run("go", ["build", "-o", program, "."], samples)),
                    command,
                    directory);
            case "rust":
                string source = Path.Combine(samples, $"inotify_{command}.rs");
                return Installed.Start(
                    Installed.Build(source, program => Installed.Run("sh",
                    [
                        "-ec", $"rustc --edition 2021 -O -D warnings -o '{program}' '{source}' "
                            + "$(pkg-config --libs-only-L libinotify)",
                    ])),
                    directory);
            default:
                return Installed.Start(Installed.C(Path.Combine(samples, $"inotify_{command}.c")), directory);
        }
    }

    // In a copy, as what npm installs does not belong into the sources. The registry may be out of reach.
    private static string? InstallForNode()
    {
        string copy = Installed.MakeDirectory("node");
        foreach (string file in (string[])["package.json", "vigil.js", "watch.js"])
        {
            File.Copy(RepositoryRoot.Combine("samples", "node", file), Path.Combine(copy, file));
        }

        using ChildProcess npm = ChildProcess.Start(
            "npm", ["install", "--no-package-lock", "--no-audit", "--no-fund"], copy);
        int status = npm.WaitForExit(TimeSpan.FromMinutes(3));
        return status == 0 ? null : string.Join(" ", npm.Errors.Lines.Prepend("npm:"));
    }

    // The watches that the kernel has for the process, in its one instance: proc_pid_fdinfo(5).
    private static string[] Watches(ChildProcess client) =>
    [
        .. Directory.EnumerateFiles($"/proc/{client.Id}/fdinfo")
            .SelectMany(File.ReadAllLines)
            .Where(line => line.StartsWith("inotify wd:", StringComparison.Ordinal)),
    ];

    private static void Expect(ChildProcess client, string line) =>
        client.Output.WaitForLine(text => text == line, $"the line '{line}'");

    private ChildProcess StartRuby(string check) => Installed.Start(
        "ruby",
        RepositoryRoot.Combine("tests", "Vigil.Native.Inotify.Tests", "programs", "events.rb"),
        check,
        _tree.Path);
}
