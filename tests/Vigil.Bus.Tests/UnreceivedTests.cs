using Vigil.Bus.Serving;
using Vigil.Platform;
using Vigil.Platform.Linux;
using Vigil.Watching.Tests;

namespace Vigil.Bus.Tests;

/// <summary>
/// What a server makes for peers that never receive it is bounded, told and counted; and nothing that runs on the
/// thread pool, or hangs there, holds a change up.
/// </summary>
public sealed class UnreceivedTests
{
    private const int RingBytes = 64 << 10;

    [Fact]
    public async Task What_is_never_received_has_a_bound()
    {
        const int Bound = 1 << 20;
        using TempTree tree = new();
        for (int i = 0; i < 2000; i++)
        {
            _ = tree.WriteFile($"a-file-with-a-name-of-some-length-{i}");
        }

        using ServerProcess server =
            ServerProcess.Start($"ring={RingBytes}", "stall=3000", $"unreceived={Bound}");
        using SubscriberProcess witness = SubscriberProcess.Start(server, tree.Path);
        await using BusClient client =
            await BusClient.ConnectAsync(new BusClientOptions { SocketPath = server.SocketPath });
        int before = (await client.StatusAsync()).Connections;
        using ChildProcess deaf = Misbehave(server, "deaf", tree.Path, "40");
        _ = deaf.Output.WaitForLine(line => line == "deaf 40", "the deaf");

        // Each state has some 200 KiB: five or six of the forty are made.
        await Eventually.TrueAsync(
            async () => (await client.StatusAsync()).UnreceivedBytes >= Bound, "the bound to be reached");
        long most = (await client.StatusAsync()).UnreceivedBytes;
        Assert.InRange(most, Bound, Bound + (1 << 19) + (40 * RingBytes));
        _ = server.WaitForLog("do not receive them, and no more may");
        _ = server.WaitForLog("it did not receive in time what it asked for");

        // It is not forgotten, as it is still there; and its trees and feeds are given back.
        await Eventually.TrueAsync(
            async () => (await client.StatusAsync()).Trees is [{ Feeds.Count: 1 }], "the feeds to end");
        BusStatus status = await client.StatusAsync();
        Assert.InRange(status.UnreceivedBytes, Bound, Bound + (1 << 19) + (40 * RingBytes));
        Assert.Equal(status.UnreceivedBytes, Assert.Single(status.Users).UnreceivedBytes);
        _ = tree.WriteFile("more");
        _ = witness.Check();

        deaf.Send(Signal.SIGKILL);
        _ = deaf.WaitForExit();
        await Eventually.TrueAsync(
            async () => await client.StatusAsync() is { UnreceivedBytes: 0 } now && now.Connections <= before,
            "all to be given back");
        using SubscriberProcess another = SubscriberProcess.Start(server, tree.Path, "ignore=no");
        Assert.Equal(witness.Check(), another.Check());
        Assert.DoesNotContain(witness.Lines, line => line.StartsWith("overflowed", StringComparison.Ordinal));
    }

    // Nothing that a peer says, or no longer says, takes its memory out of its socket.
    [Theory]
    [InlineData("write")]
    [InlineData("both")]
    [InlineData("nothing")]
    public async Task Who_ends_its_own_side_has_its_memory_counted_on(string how)
    {
        const int Bound = 1 << 20;
        const int Count = 24;
        using TempTree tree = new();
        for (int i = 0; i < 2000; i++)
        {
            _ = tree.WriteFile($"a-file-with-a-name-of-some-length-{i}");
        }

        using ServerProcess server = ServerProcess.Start("stall=2000", $"unreceived={Bound}");
        await using BusClient client =
            await BusClient.ConnectAsync(new BusClientOptions { SocketPath = server.SocketPath });
        int before = (await client.StatusAsync()).Connections;
        using ChildProcess mute = Misbehave(server, "mute", tree.Path, $"{Count}", how);
        _ = mute.Output.WaitForLine(line => line == $"mute {Count}", "all to be answered");
        Assert.Equal(Count, mute.Output.Lines.Count(line => line == "answered"));

        // Each state has some 200 KiB: five or six are made, and the others refused.
        BusStatus status = await client.StatusAsync();
        Assert.InRange(status.UnreceivedBytes, Bound, Bound + (1 << 19));
        Assert.InRange(status.Connections, before + 4, before + 8);
        _ = server.WaitForLog("do not receive them, and no more may");

        // It stays so, also after the server has looked around.
        using (ChildProcess again = Misbehave(server, "mute", tree.Path, "1", how))
        {
            _ = again.Output.WaitForLine(line => line == "mute 1", "a refusal");
            status = await client.StatusAsync();
            Assert.InRange(status.UnreceivedBytes, Bound, Bound + (1 << 19));
        }

        mute.Send(Signal.SIGKILL);
        _ = mute.WaitForExit();
        await Eventually.TrueAsync(
            async () => await client.StatusAsync() is { UnreceivedBytes: 0 } now && now.Connections <= before,
            "all to be given back");
    }

    // Who waits is one in a queue: it is not everyone that waits who looks at all that is not received.
    [Fact]
    public async Task Many_that_wait_look_no_more_often_than_one()
    {
        const int Pieces = 20;
        long one = await LookWhileFullAsync(Pieces, waiting: 1);
        long many = await LookWhileFullAsync(Pieces, waiting: 200);
        Assert.InRange(one, Pieces, long.MaxValue);
        Assert.InRange(many, Pieces, one * 10);
    }

    private static async Task<long> LookWhileFullAsync(int pieces, int waiting)
    {
        const uint User = 1;
        var sent = new SentMemory(mostBytes: pieces, patience: TimeSpan.FromSeconds(1));
        var ends = new List<UnixSocket>();
        for (int i = 0; i < pieces; i++)
        {
            UnixSocket here = UnixSocket.CreatePair(out UnixSocket there);
            ends.AddRange(here, there);
            var peer = new ServerConnection((ulong)i, here, new PeerCredentials(1, User, User));
            Assert.True(peer.TrySend([1]));
            using SentPiece piece = sent.Begin(User, 1);
            sent.Track(peer, piece);
        }

        Task[] waits = [.. Enumerable.Range(0, waiting).Select(_ => sent.WaitForRoomAsync(User, default))];
        foreach (Task wait in waits)
        {
            Assert.Equal(BusProblem.TooMany, (await Assert.ThrowsAsync<BusException>(() => wait)).Problem);
        }

        long looks = sent.Looks;
        ends.ForEach(end => end.Dispose());
        return looks;
    }

    [Fact]
    public void Work_on_the_thread_pool_holds_no_change_up()
    {
        using TempTree tree = new();
        using ServerProcess server = ServerProcess.Start();
        using SubscriberProcess subscriber = SubscriberProcess.Start(server, tree.Path);
        using SubscriberProcess open = SubscriberProcess.Start(server, tree.Path, "fds=yes", "initial=no");
        server.Send("stuff");
        _ = server.Process.Output.WaitForLine(line => line == "stuffed", "the pool to be full");
        for (int i = 0; i < 5; i++)
        {
            _ = tree.WriteFile($"seen{i}");
            _ = subscriber.WaitFor($"seen created {tree.At($"seen{i}")}");
            _ = open.WaitFor($"file closed {tree.At($"seen{i}")}");
        }

        server.Send("empty");
        _ = subscriber.Check();
    }

    private static ChildProcess Misbehave(ServerProcess server, string how, params string[] words) =>
        ChildProcess.Start(
            Sibling.Dotnet, [.. Sibling.Command("Vigil.BusHost")[1..], "misbehave", server.SocketPath, how, .. words]);
}
