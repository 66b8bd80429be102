using System.Net.Sockets;
using System.Text.Json;
using Vigil.Testing;

namespace Vigil.Cli.Tests;

/// <summary>
/// The commands around a server: <c>serve</c>, <c>subscribe</c>, <c>since</c>, <c>clock</c>, <c>status</c>.
/// </summary>
public sealed class BusCommandTests : IDisposable
{
    private readonly TempTree _tree = new();
    private readonly TempTree _sockets = TempTree.InMemory();

    public void Dispose()
    {
        _tree.Dispose();
        _sockets.Dispose();
    }

    [Fact]
    public void Subscribe_prints_what_watch_prints_with_positions_to_go_on_from()
    {
        using ChildProcess server = Serve();
        using ChildProcess subscribe = Start("subscribe", "--json", "--count", "4", _tree.Path);
        JsonElement ready = Json(subscribe.Output.WaitForLine(static _ => true, "the first line"));
        Assert.Equal("ready", Kind(ready));
        Assert.Equal("inotify", ready.GetProperty("backend").GetString());
        ChildProcess.Shell("printf text > a; mv a b", _tree.Path);
        Assert.Equal(0, subscribe.WaitForExit());
        JsonElement[] lines = [.. subscribe.Output.Lines.Select(Json)];
        Assert.Equal(["ready", "created", "modified", "closed", "renamed"], lines.Select(Kind));
        Assert.Equal([1L, 2, 3, 4, 5], lines.Select(line => line.GetProperty("seq").GetInt64()));
        Assert.Equal(_tree.At("b"), lines[^1].GetProperty("path").GetString());

        string since = lines[2].GetProperty("position").GetString()!;
        using ChildProcess again = Start("subscribe", "--since", since, "--count", "2", "-q", _tree.Path);
        Assert.Equal(0, again.WaitForExit());
        Assert.Equal(
            [$"closed    {_tree.At("a")}", $"renamed   {_tree.At("a")} -> {_tree.At("b")}"], again.Output.Lines);
    }

    [Fact]
    public void Clock_and_since_tell_what_happened_between()
    {
        using ChildProcess server = Serve();
        string position = Assert.Single(Run(0, "clock", _tree.Path));
        _tree.MakeFile("a"u8);
        string[] lines = Run(0, "since", "--json", position, _tree.Path);
        Assert.Equal(["created", "closed", "rescanned"], lines.Select(line => Kind(Json(line))));
        string next = Json(lines[^1]).GetProperty("position").GetString()!;
        Assert.Empty(Run(0, "since", "-q", next, _tree.Path));
        lines = Run(0, "since", "--json", "0123456789abcdef:7", _tree.Path);
        Assert.Equal(["fresh", "created", "created", "rescanned"], lines.Select(line => Kind(Json(line))));
    }

    [Fact]
    public void Status_tells_trees_watches_and_subscribers()
    {
        using ChildProcess server = Serve();
        using ChildProcess subscribe = Start("subscribe", "--json", _tree.Path);
        _ = subscribe.Output.WaitForLine(static _ => true, "the first line");
        JsonElement status = Json(Assert.Single(Run(0, "status", "--json")));
        Assert.Equal(server.Id, status.GetProperty("processId").GetInt32());
        JsonElement tree = Assert.Single(status.GetProperty("trees").EnumerateArray());
        Assert.Equal(_tree.Path, tree.GetProperty("root").GetString());
        Assert.Equal(1, tree.GetProperty("watchedDirectories").GetInt32());
        JsonElement feed = Assert.Single(tree.GetProperty("feeds").EnumerateArray());
        JsonElement subscriber = Assert.Single(feed.GetProperty("subscribers").EnumerateArray());
        Assert.Equal(subscribe.Id, subscriber.GetProperty("processId").GetInt32());
        Assert.Contains(Run(0, "status"), line => line.Contains($"process {subscribe.Id}, 0 B behind"));
    }

    [Fact]
    public void A_file_that_comes_open_is_told_with_its_facts()
    {
        using ChildProcess server = Serve();
        using ChildProcess subscribe = Start(
            "subscribe", "--json", "--fds", "--events", "closed", "--count", "1", _tree.Path);
        _ = subscribe.Output.WaitForLine(static _ => true, "the first line");
        File.WriteAllText(_tree.At("a"), "12345");
        Assert.Equal(0, subscribe.WaitForExit());
        Assert.Equal(5, Json(subscribe.Output.Lines[1]).GetProperty("fd").GetProperty("size").GetInt64());
    }

    [Fact]
    public void A_subscriber_starts_a_server_that_ends_when_nobody_is_left()
    {
        using ChildProcess subscribe = Start("subscribe", "--start", "--json", _tree.Path);
        _ = subscribe.Output.WaitForLine(static _ => true, "the first line");
        int id = Json(Assert.Single(Run(0, "status", "--json"))).GetProperty("processId").GetInt32();

        // In the background it belongs to no session of the subscriber's, and holds none of its streams.
        subscribe.Send(Signal.SIGINT);
        Assert.Equal(0, subscribe.WaitForExit());
        Assert.True(Directory.Exists($"/proc/{id}"), "the server goes on for a while");
        Assert.Equal("/dev/null", new FileInfo($"/proc/{id}/fd/1").LinkTarget);
        Eventually.True(() => !Directory.Exists($"/proc/{id}"), "the server to end");
        Assert.Equal(["bus.sock.lock"], Directory.GetFiles(_sockets.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void What_happened_before_the_end_is_printed_before_it()
    {
        using ChildProcess server = Serve();
        using ChildProcess subscribe = Start("subscribe", "--json", "--events", "created", _tree.Path);
        _ = subscribe.Output.WaitForLine(static _ => true, "the first line");
        for (int i = 0; i < 200; i++)
        {
            _tree.WriteFile($"file{i}");
        }

        subscribe.Send(Signal.SIGTERM);
        Assert.Equal(0, subscribe.WaitForExit());
        Assert.Equal(201, subscribe.Output.Lines.Count);
    }

    [Fact]
    public void A_root_that_goes_ends_the_subscription_with_status_1()
    {
        using ChildProcess server = Serve();
        string root = _tree.MakeDirectory("root");
        using ChildProcess subscribe = Start("subscribe", "--json", root);
        _ = subscribe.Output.WaitForLine(static _ => true, "the first line");
        Directory.Delete(root);
        Assert.Equal(1, subscribe.WaitForExit());
        Assert.Equal("gone", Kind(Json(subscribe.Output.Lines[^1])));
    }

    [Theory]
    [InlineData(1, "no server can be reached", "clock", ".")]
    [InlineData(1, "no server can be reached", "subscribe", ".")]
    [InlineData(1, "no server can be reached", "status")]
    [InlineData(2, "one PATH is needed", "clock")]
    [InlineData(2, "a POSITION and one PATH are needed", "since", ".")]
    [InlineData(2, "is no position", "since", "yesterday", ".")]
    [InlineData(2, "a position belongs to one PATH", "subscribe", "--since", "0123456789abcdef:7", ".", "..")]
    [InlineData(2, "no PATH given", "subscribe")]
    [InlineData(2, "not the number of a user", "serve", "--allow-user", "root")]
    [InlineData(2, "--grace:", "serve", "--grace", "soon")]
    [InlineData(1, "mkdir(/proc/none): no such file or directory (ENOENT)", "serve", "--socket", "/proc/none/x")]
    [InlineData(1, "mkdir(/etc/passwd): it exists already (EEXIST)", "serve", "--socket", "/etc/passwd/x")]
    [InlineData(2, "--trust-user: 'root' is not the number of a user", "clock", "--trust-user", "root", ".")]
    [InlineData(2, "--answer-timeout:", "clock", "--answer-timeout", "soon", ".")]
    public void What_cannot_be_is_told_in_one_line(int status, string part, params string[] words)
    {
        using ChildProcess command = Start(words);
        Assert.Equal(status, command.WaitForExit());
        Assert.Contains(part, Assert.Single(command.Errors.Lines));
    }

    [Fact]
    public void A_second_server_is_refused_and_the_first_serves_on()
    {
        using ChildProcess server = Serve();
        using ChildProcess second = Start("serve");
        Assert.Equal(1, second.WaitForExit());
        Assert.Contains("another server serves there already", Assert.Single(second.Errors.Lines));
        _ = Run(0, "status");
        server.Send(Signal.SIGTERM);
        Assert.Equal(0, server.WaitForExit());
        Assert.False(File.Exists(_sockets.At("bus.sock")), "the socket is gone");
    }

    [Fact(SkipUnless = nameof(IsRoot), Skip = "only root can mount")]
    public void A_server_that_cannot_end_well_says_so_with_status_1()
    {
        // Its socket lies where nothing can be removed any more.
        const string Start = """mount -t tmpfs -o mode=700 none "$1" && exec "$2" serve --socket "$1/bus.sock" """;
        using ChildProcess server =
            ChildProcess.Start("unshare", "-m", "sh", "-c", Start, "sh", _sockets.Path, PublishedBinary.Path);
        _ = server.Errors.WaitForLine(line => line.Contains("serving at"), "the server to serve");
        ChildProcess.Shell(
            $"nsenter -t {server.Id} -m sh -c \"mount --bind '{_sockets.Path}' '{_sockets.Path}' "
            + $"&& mount -o remount,bind,ro '{_sockets.Path}'\"");
        server.Send(Signal.SIGTERM);
        Assert.Equal(1, server.WaitForExit());
        Assert.Contains("could not go on, or not end well", server.Errors.Lines[^1]);
        Assert.Contains("read-only file system (EROFS)", server.Errors.Lines[^1]);
    }

    [Fact(SkipUnless = nameof(IsRoot), Skip = "only root can be another user")]
    public void The_server_of_another_user_is_believed_by_who_was_told_to()
    {
        ChildProcess.Shell($"chmod 777 '{_sockets.Path}'; chmod 755 '{_tree.Path}'");
        using ChildProcess server = ChildProcess.Start(
            "setpriv",
            [
                "--reuid", "65534", "--regid", "65534", "--clear-groups", "--", PublishedBinary.Path, "serve",
                "--socket", _sockets.At("bus.sock"), "--allow-user", "0",
            ]);
        _ = server.Errors.WaitForLine(line => line.Contains("serving at"), "the server to serve");
        using ChildProcess refused = Start("subscribe", _tree.Path);
        Assert.Equal(1, refused.WaitForExit());
        string line = Assert.Single(refused.Errors.Lines);
        Assert.Contains("user 65534 serves there, whom nobody told this client to trust", line);
        Assert.Contains("--trust-user", line);
        using ChildProcess trusting = Start(
            "subscribe", "--trust-user", "12345", "--trust-user", "65534", "--json", _tree.Path);

        // Believed; what that server may do for another user is another matter, and it says so.
        Assert.Equal(1, trusting.WaitForExit());
        Assert.Contains("only a server of root can tell what user 0 may read", Assert.Single(trusting.Errors.Lines));
    }

    [Fact]
    public async Task Who_greets_and_does_not_answer_is_not_waited_for_without_end()
    {
        using var door = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        door.Bind(new UnixDomainSocketEndPoint(_sockets.At("bus.sock")));
        door.Listen();
        var held = new List<Socket>();
        void Greet()
        {
            byte[] hello = new byte[64];
            // A subscriber comes twice: it looks for the server first.
            for (int i = 0; i < 4; i++)
            {
                Socket peer = door.Accept();
                held.Add(peer);
                Assert.NotEqual(0, peer.Receive(hello));
                _ = peer.Send([16, 0, 0, 0, 2, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
            }
        }

        Task greeting = Task.Run(Greet, TestContext.Current.CancellationToken);
        foreach (string[] words in new string[][]
        {
            ["clock", _tree.Path], ["since", "0123456789abcdef:7", _tree.Path], ["subscribe", _tree.Path],
        })
        {
            using ChildProcess command = Start([.. words, "--answer-timeout", "300ms"]);
            Assert.Equal(1, command.WaitForExit());
            Assert.Contains("who listens there said nothing for 0.3 s", Assert.Single(command.Errors.Lines));
        }

        await greeting;
        held.ForEach(peer => peer.Dispose());
    }

    [Fact]
    public void Two_who_start_a_server_at_once_get_one()
    {
        using ChildProcess first = Start("subscribe", "--start", "--json", _tree.Path);
        using ChildProcess second = Start("subscribe", "--start", "--json", _tree.Path);
        _ = first.Output.WaitForLine(static _ => true, "the first to be ready");
        _ = second.Output.WaitForLine(static _ => true, "the second to be ready");
        JsonElement status = Json(Assert.Single(Run(0, "status", "--json")));
        JsonElement feed = Assert.Single(
            Assert.Single(status.GetProperty("trees").EnumerateArray()).GetProperty("feeds").EnumerateArray());
        Assert.Equal(
            new[] { first.Id, second.Id }.Order(),
            feed.GetProperty("subscribers").EnumerateArray()
                .Select(subscriber => subscriber.GetProperty("processId").GetInt32()).Order());

        // Whoever came second to the socket ended, and without a word to anybody.
        int id = status.GetProperty("processId").GetInt32();
        Eventually.True(() => Servers().SequenceEqual([id]), "there to be one server");
        _tree.MakeFile("a"u8);
        _ = first.Output.WaitForLine(line => line.Contains("created"), "the change");
        _ = second.Output.WaitForLine(line => line.Contains("created"), "the change");
        first.Send(Signal.SIGINT);
        second.Send(Signal.SIGINT);
        Assert.Equal((0, 0), (first.WaitForExit(), second.WaitForExit()));
        Assert.Empty(first.Errors.Lines.Concat(second.Errors.Lines));
        Eventually.True(() => !Servers().Any(), "the server to end");
    }

    public static bool IsRoot => Environment.IsPrivilegedProcess;

    // Those of this test, known by what they were told of the socket.
    private IEnumerable<int> Servers()
    {
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            bool isOurs = false;
            try
            {
                isOurs = File.ReadAllText(Path.Combine(directory, "cmdline")).Contains("\0serve\0")
                    && File.ReadAllText(Path.Combine(directory, "environ")).Contains(_sockets.Path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended while we looked, or is no process at all.
            }

            if (isOurs)
            {
                yield return int.Parse(Path.GetFileName(directory));
            }
        }
    }

    private static JsonElement Json(string line) => JsonDocument.Parse(line).RootElement;

    private static string Kind(JsonElement line) => line.GetProperty("kind").GetString()!;

    private ChildProcess Serve()
    {
        ChildProcess server = Start("serve", "--grace", "1s");
        _ = server.Errors.WaitForLine(line => line.Contains("serving at"), "the server to serve");
        return server;
    }

    private string[] Run(int status, params string[] words)
    {
        using ChildProcess command = Start(words);
        Assert.Equal(status, command.WaitForExit());
        return [.. command.Output.Lines];
    }

    private ChildProcess Start(params string[] words) => ChildProcess.Start(
        PublishedBinary.Path,
        words,
        workingDirectory: null,
        new Dictionary<string, string?> { ["VIGIL_SOCKET"] = _sockets.At("bus.sock") });
}
