namespace Vigil.Native.Inotify.Tests;

/// <summary>The functions of a bus in a C program, and the clients in samples/ as their pages start them.</summary>
public sealed class BusClientTests : IDisposable
{
    private readonly TempTree _tree = TempTree.InMemory();

    public static TheoryData<string> Languages => [.. BusMirror.Languages];

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("order")]
    [InlineData("options")]
    [InlineData("option-sizes")]
    [InlineData("refusals")]
    [InlineData("leaks")]
    [InlineData("many-files")]
    [InlineData("threads")]
    [InlineData("close-while-syncing")]
    [InlineData("interrupted")]
    [InlineData("fork-and-exec")]
    [InlineData("gone")]
    [InlineData("growth")]
    [InlineData("no-server")]
    [InlineData("lost")]
    public void Check(string check) => RunCheck("bus", check);

    [Theory]
    [InlineData("from-the-start")]
    [InlineData("after-the-hello")]
    public void Who_does_not_answer_is_not_waited_for_without_end(string check) => RunCheck("mute", check);

    [Theory]
    [MemberData(nameof(Languages))]
    public void A_client_prints_changes_with_positions_and_what_is_in_files(string language)
    {
        using BusServing server = BusServing.Start(_tree.Path);
        using ChildProcess client = server.StartClient(Command(language, _tree.Path));
        Expect(client, "ready");
        _ = _tree.MakeDirectory("d");
        Expect(client, $"created  {_tree.At("d")}");
        string file = _tree.WriteFile("d/a", "some text");
        Expect(client, $"closed   {file}");
        Eventually.True(
            () => client.Output.Lines.Any(line => line.Contains("some text", StringComparison.Ordinal)),
            "what is in the file, which some print on a line of its own");
        File.Move(file, _tree.At("b"));
        Expect(client, $"renamed  {file} -> {_tree.At("b")}");
        server.Kill();
        Expect(client, "overflowed");
        server.Restart();
        Expect(client, "rescanned");
        Directory.Delete(_tree.At("d"));
        Expect(client, $"deleted  {_tree.At("d")}");
        Assert.All(
            client.Output.Lines.Where(line => line.Contains($" {_tree.Path}", StringComparison.Ordinal)),
            line => Assert.Matches("^[0-9a-f]{16}:[0-9]+ ", line));
        client.Send(Signal.SIGINT);
        Expect(client, "Exiting");
        Assert.Equal(0, client.WaitForExit());
        Assert.Empty(client.Errors.Lines);
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void What_the_server_refuses_is_said(string language)
    {
        using BusServing server = BusServing.Start(_tree.MakeDirectory("allowed"));
        using ChildProcess client = server.StartClient(Command(language, _tree.Path));
        Assert.Equal(1, client.WaitForExit());
        Assert.Contains(
            $"{_tree.Path} is not among the roots that this server watches: {_tree.At("allowed")}",
            Assert.Single(client.Errors.Lines));
    }

    private void RunCheck(string program, string check)
    {
        using BusServing server = BusServing.Start(_tree.Path);
        using ChildProcess run = server.StartClient(Installed.TestProgram(program), check, _tree.Path);
        int status = run.WaitForExit(TimeSpan.FromMinutes(3));
        Assert.True(status == 0, $"{check} ended with {status}:\n{string.Join('\n', run.Errors.Lines)}");
        foreach (string line in run.Output.Lines)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(line);
        }
    }

    private static void Expect(ChildProcess client, string text) => _ = client.Output.WaitForLine(
        line => line.Contains(text, StringComparison.Ordinal), $"a line with '{text}'");

    private static string[] Command(string language, string root)
    {
        string samples = RepositoryRoot.Combine("samples", language);
        return language switch
        {
            "ruby" => ["ruby", Path.Combine(samples, "watch.rb"), "bus", root],
            "python" => ["python3", Path.Combine(samples, "watch.py"), "bus", root],
            _ => [Installed.C(Path.Combine(samples, "bus_subscribe.c")), "-f", root],
        };
    }
}
