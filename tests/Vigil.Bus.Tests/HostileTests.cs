using System.Globalization;
using Vigil.Platform.Linux;
using Vigil.Watching.Tests;

namespace Vigil.Bus.Tests;

/// <summary>
/// Peers that keep no rule are refused, with a reason, and logged; nobody else notices: a subscriber reads on all the
/// time, and holds the tree in the end.
/// </summary>
public sealed class HostileTests : IDisposable
{
    private static readonly string[] AsAnother =
        ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"];

    private readonly TempTree _tree = new();
    private readonly TempTree _outside = new();
    private readonly ServerProcess _server;
    private readonly SubscriberProcess _witness;

    public HostileTests()
    {
        _server = ServerProcess.Start($"allow={_tree.Path}");
        _witness = SubscriberProcess.Start(_server, _tree.Path);
    }

    public void Dispose()
    {
        _witness.Dispose();
        _server.Dispose();
        _outside.Dispose();
        _tree.Dispose();
    }

    [Theory]
    [InlineData("version", "it speaks the versions 7 to 9")]
    [InlineData("magic", "it does not speak this protocol")]
    [InlineData("long", "a message is too long")]
    [InlineData("half", "the message is not whole")]
    [InlineData("silence", "it did not say in time")]
    [InlineData("hello", "it did not say in time")]
    [InlineData("twice", "does not fit")]
    [InlineData("globs", "texts where there may be")]
    public void Who_keeps_no_rule_is_refused(string how, string reason)
    {
        using ChildProcess peer = Misbehave(how);
        Assert.Contains(reason, Refusal(peer), StringComparison.Ordinal);
        Assert.Equal(0, peer.WaitForExit());
        _ = _server.WaitForLog(reason);
        ExpectUndisturbed();
    }

    [Fact]
    public void Garbage_is_refused() => Seed.RunMany(20, random =>
    {
        using ChildProcess peer = Misbehave("garbage", $"{random.Next()}");
        Assert.Equal(0, peer.WaitForExit());
        Assert.StartsWith("refused ", peer.Output.Lines[0], StringComparison.Ordinal);
        ExpectUndisturbed();
    });

    [Fact]
    public void Descriptors_that_nobody_asked_for_are_closed_again()
    {
        int before = _server.CountDescriptors();
        using ChildProcess peer = Misbehave("descriptors", "60");
        Assert.Equal(0, peer.WaitForExit());
        Assert.Equal(60, peer.Output.Lines.Count(line => line.Contains("comes with descriptors")));
        Assert.DoesNotContain(peer.Output.Lines, line => line.StartsWith("unsent", StringComparison.Ordinal));
        Eventually.True(() => _server.CountDescriptors() <= before, "the descriptors to be closed");
        ExpectUndisturbed();
    }

    [Fact]
    public void A_question_before_the_hello_is_refused()
    {
        using ChildProcess peer = Misbehave("early", _tree.Path);
        Assert.Contains("does not fit", Refusal(peer), StringComparison.Ordinal);
    }

    [Fact]
    public void Roots_that_are_not_allowed_are_refused_by_whatever_way()
    {
        Directory.CreateSymbolicLink(_tree.At("link"), _outside.Path);
        _ = _tree.MakeDirectory("below");
        string outside = Path.GetFileName(_outside.Path);
        foreach (string root in new[]
        {
            _outside.Path,
            Path.GetDirectoryName(_tree.Path)!,
            "/",
            _tree.At("link"),
            _tree.At($"../{outside}"),
            _tree.At($"below/../../{outside}"),
        })
        {
            using ChildProcess peer = Misbehave("root", root);
            Assert.Contains("is not among the roots", Refusal(peer), StringComparison.Ordinal);
        }

        foreach (string root in new[] { "relative", "", "/\0", "../.." })
        {
            using ChildProcess peer = Misbehave("root", root.Replace("\0", "", StringComparison.Ordinal));
            Assert.NotEmpty(Refusal(peer));
        }

        using ChildProcess missing = Misbehave("root", _tree.At("missing"));
        Assert.Contains("nothing is there", Refusal(missing), StringComparison.Ordinal);
        using ChildProcess inside = Misbehave("root", _tree.At("below/../below"));
        _ = inside.Output.WaitForLine(line => line == "heard 5", "the root to be watched");
        ExpectUndisturbed();
    }

    [Fact]
    public void Ten_thousand_connections_are_bounded_and_nobody_else_notices()
    {
        int before = _server.CountDescriptors();
        using ChildProcess crowd = Misbehave("crowd", "10000");
        _ = crowd.Output.WaitForLine(line => line == "crowded 10000", "the crowd", TimeSpan.FromSeconds(60));
        Assert.InRange(_server.CountDescriptors(), before, before + 300);
        using (SubscriberProcess another = SubscriberProcess.Start(_server, _tree.Path))
        {
            ExpectUndisturbed();
            Assert.Equal(_witness.Check(), another.Check());
        }

        crowd.Input.Close();
        Assert.Equal(0, crowd.WaitForExit());
        Eventually.True(() => _server.CountDescriptors() <= before, "the descriptors to be given back");
    }

    // The tree around it cannot see it, and never will: it is watched by itself, and not taken from the others.
    [Fact(SkipUnless = nameof(IsRoot), Skip = "what root may not list there is none of")]
    public void A_root_that_the_tree_around_it_cannot_see_takes_nothing_from_the_others()
    {
        using TempTree tree = TempTree.InMemory();
        ChildProcess.Shell("mkdir -p d/sub; chmod 300 d; chown -R 65534:65534 .", tree.Path);
        const string Own =
            """for word; do case $word in */bus.sock) chown 65534 "${word%/*}";; esac; done; exec "$@" """;
        using ServerProcess server = ServerProcess.StartBy(["sh", "-c", Own, "sh", .. AsAnother]);
        using SubscriberProcess around =
            SubscriberProcess.BeginBy(AsAnother, server.SocketPath, tree.Path, "initial=no");
        _ = around.WaitFor("ready");
        using SubscriberProcess inside =
            SubscriberProcess.BeginBy(AsAnother, server.SocketPath, tree.At("d/sub"), "initial=no");
        _ = inside.WaitFor("ready");
        _ = inside.WaitFor($"seen created {tree.WriteFile("d/sub/seen", "x")}");
        _ = around.WaitFor($"seen created {tree.WriteFile("seen", "x")}");
        Assert.DoesNotContain(around.Lines, line => line.StartsWith("overflowed", StringComparison.Ordinal));
    }

    [Fact(SkipUnless = nameof(IsRoot), Skip = "only root can be another user")]
    public void Another_user_is_refused()
    {
        // The socket alone keeps others out; here the way is opened, and the server itself looks.
        ChildProcess.Shell($"chmod 755 '{_server.Directory}'; chmod 666 '{_server.SocketPath}'");
        using SubscriberProcess other = SubscriberProcess.BeginBy(AsAnother, _server.SocketPath, _tree.Path);
        _ = other.Process.Output.WaitForLine(
            line => line.StartsWith("error BusException: this user is not allowed", StringComparison.Ordinal),
            "a refusal");
        _ = _server.WaitForLog("this user is not allowed");
        ExpectUndisturbed();
    }

    [Fact(SkipUnless = nameof(IsRoot), Skip = "only root can be another user")]
    public void Another_user_that_is_allowed_gets_what_it_could_read_itself()
    {
        using TempTree tree = TempTree.InMemory();
        using TempTree closed = TempTree.InMemory();
        ChildProcess.Shell($"chmod 755 '{tree.Path}'; chmod 700 '{closed.Path}'");
        using ServerProcess server = ServerProcess.Start("user=65534");
        ChildProcess.Shell($"chmod 755 '{server.Directory}'");
        using (SubscriberProcess refused = SubscriberProcess.BeginBy(AsAnother, server.SocketPath, closed.Path))
        {
            string line = refused.Process.Output.WaitForLine(
                text => text.StartsWith("error ", StringComparison.Ordinal), "a refusal");
            Assert.Contains("permission denied", line, StringComparison.Ordinal);
        }

        using SubscriberProcess other =
            SubscriberProcess.BeginBy(AsAnother, server.SocketPath, tree.Path, "fds=yes", "initial=no");
        _ = other.WaitFor("ready");
        string secret = tree.WriteFile("secret.new", "secret");
        ChildProcess.Shell($"chmod 600 '{secret}'; exec 3>>'{secret}'");
        _ = other.WaitFor($"without closed AccessDenied {secret}");
        string open = tree.WriteFile("open", "open");
        _ = other.WaitFor($"file closed {open} no open");
    }

    [Fact(SkipUnless = nameof(IsRoot), Skip = "only root can be another user")]
    public void Another_user_that_is_allowed_has_a_share_and_no_more()
    {
        using TempTree tree = TempTree.InMemory();
        for (int i = 0; i < 300; i++)
        {
            _ = tree.MakeDirectory($"d{i}");
        }

        _ = tree.MakeDirectory("d1/small");
        ChildProcess.Shell($"chmod 755 '{tree.Path}'");
        using ServerProcess server = ServerProcess.Start("user=65534", "directories=100");
        ChildProcess.Shell($"chmod 755 '{server.Directory}'");
        int before = server.CountWatches();
        using (SubscriberProcess large = SubscriberProcess.BeginBy(AsAnother, server.SocketPath, tree.Path))
        {
            string line = large.Process.Output.WaitForLine(
                text => text.Split(' ')[0] is "error" or "ready",
                "a refusal");
            Assert.Contains("is too large for user 65534", line, StringComparison.Ordinal);
        }

        Eventually.True(() => server.CountWatches() <= before, "the watches to be given back");
        using SubscriberProcess small = SubscriberProcess.BeginBy(AsAnother, server.SocketPath, tree.At("d1"));
        _ = small.WaitFor("ready");

        // The server's own user has all of it, and then the other may, too.
        using SubscriberProcess own = SubscriberProcess.Start(server, tree.Path);
        using SubscriberProcess again = SubscriberProcess.BeginBy(AsAnother, server.SocketPath, tree.Path);
        _ = again.WaitFor("ready");
        Assert.Equal(own.Check(), again.Check());
    }

    // A thread that asks such a file system cannot be ended: whoever asks again and again gets no more of them.
    [Fact(SkipUnless = nameof(IsRoot), Skip = "only root can be another user, and mount")]
    public void A_file_system_that_does_not_answer_holds_a_few_threads_of_a_user()
    {
        const int Questions = 200;
        const int Others = 50;
        using MuteMount mount = MuteMount.Start();
        using ServerProcess server = ServerProcess.Start("user=65534", "stall=1000");
        ChildProcess.Shell($"chmod 755 '{server.Directory}'");
        int before = server.CountThreads();
        using (ChildProcess hasty = MisbehaveAsAnother(server, "hasty", mount.Path, $"{Questions}"))
        {
            Assert.Equal(0, hasty.WaitForExit());
            Assert.Contains($"asked {Questions}", hasty.Output.Lines);
        }

        using (ChildProcess peer = MisbehaveAsAnother(server, "root", mount.Path))
        {
            Assert.Contains(
                "8 questions of user 65534 wait for file systems that do not answer, and no more may",
                Refusal(peer),
                StringComparison.Ordinal);
        }

        Assert.InRange(server.CountThreads(), 1, before + Others);

        // Others notice nothing, and when it is gone, that one does not either.
        using SubscriberProcess own = SubscriberProcess.Start(server, _tree.Path);
        _ = own.Check();
        mount.End();
        ChildProcess.Shell($"chmod 755 '{_tree.Path}'");
        using SubscriberProcess other = SubscriberProcess.BeginBy(AsAnother, server.SocketPath, _tree.Path);
        _ = other.WaitFor("ready");
        Assert.Equal(own.Check(), other.Check());
    }

    public static bool IsRoot => UnixSocket.OwnUserId == 0;

    private static string Refusal(ChildProcess peer) => peer.Output.WaitForLine(
        line => line.StartsWith("refused ", StringComparison.Ordinal), "a refusal")["refused ".Length..];

    private ChildProcess Misbehave(params string[] how) => ChildProcess.Start(
        Sibling.Dotnet, [.. Sibling.Command("Vigil.BusHost")[1..], "misbehave", _server.SocketPath, .. how]);

    private static ChildProcess MisbehaveAsAnother(ServerProcess server, params string[] how)
    {
        string[] all = [.. AsAnother, .. Sibling.Command("Vigil.BusHost"), "misbehave", server.SocketPath, .. how];
        return ChildProcess.Start(all[0], all[1..]);
    }

    private void ExpectUndisturbed()
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"file{Random.Shared.NextInt64()}");
        _ = _tree.WriteFile(name);
        _ = _witness.Check();
        Assert.DoesNotContain(_witness.Lines, line => line.StartsWith("overflowed", StringComparison.Ordinal));
    }
}
