using Vigil.Bus.Wire;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Bus.Tests;

/// <summary>What a client does where a server is lost, refuses, or says nothing.</summary>
public sealed class LostServerTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(300);

    private readonly TempTree _tree = new();
    private readonly TempTree _sockets = TempTree.InMemory();

    public void Dispose()
    {
        _tree.Dispose();
        _sockets.Dispose();
    }

    private string SocketPath => _sockets.At("bus.sock");

    [Fact]
    public async Task A_server_that_is_reached_and_ends_again_and_again_is_asked_less_and_less_and_not_for_ever()
    {
        await using BusServer server = Serve();
        await using BusClient client = await ConnectAsync(TimeSpan.FromSeconds(2));
        await using var reader = new ToldChanges(client.SubscribeAsync(_tree.Path));
        await reader.WaitForAsync(FileChangeKind.Ready);
        await server.DisposeAsync();
        using FakeServer fake = FakeServer.Start(
            SocketPath, peer => _ = peer.TrySend(FakeServer.Refusal(BusProblem.Ended, "it goes again"), []));
        BusException lost = await Assert.ThrowsAsync<BusException>(() => reader.EndAsync());
        Assert.Equal("it goes again", lost.Message);
        Assert.Equal([FileChangeKind.Ready, FileChangeKind.Overflowed], reader.Kinds);

        // 20, 40, 80 … ms apart; the last may come at the end of the time.
        Assert.InRange(fake.Questions, 2, 10);
    }

    [Fact]
    public async Task Who_finds_no_room_when_it_comes_back_tries_again()
    {
        await using BusServer server = Serve();
        await using BusClient client = await ConnectAsync(TimeSpan.FromSeconds(60));
        await using var reader = new ToldChanges(client.SubscribeAsync(_tree.Path));
        await reader.WaitForAsync(FileChangeKind.Ready);
        await server.DisposeAsync();
        using (FakeServer full = FakeServer.Start(
            SocketPath, peer => _ = peer.TrySend(FakeServer.Refusal(BusProblem.TooMany, "as many as may be"), [])))
        {
            Eventually.True(() => full.Questions >= 3, "three attempts");
        }

        await using BusServer next = Serve();
        await reader.WaitForAsync(FileChangeKind.Rescanned);
        Assert.Equal(
            [FileChangeKind.Ready, FileChangeKind.Overflowed, FileChangeKind.Fresh, FileChangeKind.Created],
            reader.Kinds[..4]);
    }

    [Fact]
    public async Task Where_no_server_comes_back_it_goes_on_by_itself_if_it_may()
    {
        _tree.WriteFile("before");
        await using BusServer server = Serve();
        await using BusClient client = await ConnectAsync(Soon, isLocalAllowed: true);
        BusSubscription subscription = client.SubscribeAsync(_tree.Path);
        await using var reader = new ToldChanges(subscription);
        await reader.WaitForAsync(FileChangeKind.Ready);
        await server.DisposeAsync();
        Task synced = subscription.SyncAsync();
        await reader.WaitForAsync(FileChangeKind.Rescanned);
        await synced;
        Assert.Equal(
            ["Ready", "Overflowed", "Fresh", $"Created {_tree.Path}", $"Created {_tree.At("before")}", "Rescanned"],
            reader.Lines);
        Assert.Equal(Enumerable.Range(1, 6), reader.Changes.Select(change => (int)change.Sequence));

        // One that comes later is for the next subscription.
        await using BusServer next = Serve();
        await using var another = new ToldChanges(client.SubscribeAsync(_tree.Path));
        await another.WaitForAsync(FileChangeKind.Ready);
        Assert.Single(Assert.Single(next.GetStatus().Trees).Feeds);
        _tree.WriteFile("after");
        await another.WaitForAsync(FileChangeKind.Closed);
        await reader.WaitForAsync(FileChangeKind.Closed);
        await subscription.SyncAsync();
        Assert.True(subscription.Position.IsNone);
        Assert.False(another.Changes[^1].Position.IsNone);
        Assert.Single(Assert.Single(Assert.Single(next.GetStatus().Trees).Feeds).Subscribers);
    }

    [Fact]
    public async Task Where_the_root_went_with_the_server_that_is_said()
    {
        string root = _tree.MakeDirectory("root");
        await using BusServer server = Serve();
        await using BusClient client = await ConnectAsync(Soon, isLocalAllowed: true);
        await using var reader = new ToldChanges(client.SubscribeAsync(root));
        await reader.WaitForAsync(FileChangeKind.Ready);
        await server.DisposeAsync();
        Directory.Delete(root);
        await reader.EndAsync();
        Assert.Equal(["Ready", "Overflowed", $"Gone {root}"], reader.Lines);
    }

    [Fact]
    public async Task A_client_that_found_no_server_looks_for_one_with_the_next_subscription()
    {
        await using BusClient client = await ConnectAsync(Soon, isLocalAllowed: true);
        Assert.True(client.IsLocal);
        await using var local = new ToldChanges(client.SubscribeAsync(_tree.Path));
        await local.WaitForAsync(FileChangeKind.Ready);
        Assert.True(local.Changes[0].Position.IsNone);
        BusException refused = await Assert.ThrowsAsync<BusException>(() => client.ClockAsync(_tree.Path));
        Assert.Equal(BusProblem.NoServer, refused.Problem);

        await using BusServer server = Serve();
        await using var served = new ToldChanges(client.SubscribeAsync(_tree.Path));
        await served.WaitForAsync(FileChangeKind.Ready);
        Assert.False(served.Changes[0].Position.IsNone);
        Assert.False((await client.ClockAsync(_tree.Path)).IsNone);
    }

    [Fact]
    public async Task Who_greets_and_then_says_nothing_is_not_waited_for_without_end()
    {
        using FakeServer mute = FakeServer.StartMute(SocketPath);
        await using BusClient client = await ConnectAsync(Soon);
        await TimesOutAsync(() => client.ClockAsync(_tree.Path));
        await TimesOutAsync(async () => await client.SinceAsync(_tree.Path, default).ToListAsync());
        await TimesOutAsync(async () => await client.SubscribeAsync(_tree.Path).ToListAsync());
        await TimesOutAsync(() => client.StatusAsync());
    }

    [Fact]
    public async Task Who_says_nothing_between_the_answer_and_the_ring_is_not_waited_for_either()
    {
        using FakeServer mute = FakeServer.StartMute(SocketPath, Subscribed());
        await using BusClient client = await ConnectAsync(Soon);
        await TimesOutAsync(async () => await client.SubscribeAsync(_tree.Path).ToListAsync());
    }

    [Theory]
    [InlineData(BusProblem.TooMany)]
    [InlineData(BusProblem.Unwatchable)]
    public async Task Why_no_ring_follows_is_told_in_the_words_of_the_server(BusProblem problem)
    {
        using FakeServer full = FakeServer.StartMute(
            SocketPath, Subscribed(), FakeServer.Refusal(problem, "there is no memory for another"));
        await using BusClient client = await ConnectAsync(Soon);
        BusException refused = await Assert.ThrowsAsync<BusException>(
            async () => await client.SubscribeAsync(_tree.Path).ToListAsync());
        Assert.Equal((problem, "there is no memory for another"), (refused.Problem, refused.Message));
    }

    [Fact]
    public async Task A_server_that_ends_while_a_client_connects_is_told_as_one_that_ended_wherever_it_was()
    {
        byte[][] all = [Subscribed()];
        for (int count = 0; count <= all.Length; count++)
        {
            using FakeServer ending = FakeServer.Start(SocketPath, peer =>
            {
                foreach (byte[] message in all[..count])
                {
                    _ = peer.TrySend(message, []);
                }
            });
            await using BusClient client = await ConnectAsync(Soon);
            BusException ended = await Assert.ThrowsAsync<BusException>(
                async () => await client.SubscribeAsync(_tree.Path).ToListAsync());
            Assert.Equal(BusProblem.Ended, ended.Problem);
            ended = await Assert.ThrowsAsync<BusException>(() => client.ClockAsync(_tree.Path));
            Assert.Contains(ended.Problem, new[] { BusProblem.Ended, BusProblem.Protocol });
        }
    }

    [Fact]
    public Task Real_servers_that_end_while_clients_connect_leave_nobody_waiting() => Seed.RunAsync(async random =>
    {
        BusServer first = Serve();
        await using BusClient lasting = await ConnectAsync(Timeout.InfiniteTimeSpan);
        await using var reader = new ToldChanges(lasting.SubscribeAsync(_tree.Path));
        await reader.WaitForAsync(FileChangeKind.Ready);
        await first.DisposeAsync();
        int answers = 0;
        for (int round = 0; round < 30; round++)
        {
            BusServer server = Serve();
            Task<bool>[] asking = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(AskAsync))];
            int spins = random.Next(20_000);
            await Task.Run(() => Thread.SpinWait(spins));
            await server.DisposeAsync();
            answers += (await Task.WhenAll(asking)).Count(isAnswered => isAnswered);
        }

        await using BusServer last = Serve();
        Assert.True(await AskAsync());
        _tree.WriteFile("last");
        await reader.WaitForAsync(change => change.Path == _tree.At("last"));
        TestContext.Current.TestOutputHelper?.WriteLine($"{answers} of 120 were answered");
    });

    private async Task<bool> AskAsync()
    {
        try
        {
            await using BusClient client = await ConnectAsync(TimeSpan.FromSeconds(1));
            return !(await client.ClockAsync(_tree.Path)).IsNone;
        }
        catch (BusException e) when (e.Problem is BusProblem.NoServer or BusProblem.Ended)
        {
            return false;
        }
    }

    private async Task TimesOutAsync(Func<Task> ask)
    {
        BusException late = await Assert.ThrowsAsync<BusException>(ask);
        Assert.Equal(BusProblem.TimedOut, late.Problem);
        Assert.StartsWith(SocketPath, late.Message, StringComparison.Ordinal);
    }

    private byte[] Subscribed() => new SubscribedMessage
    {
        Position = new ChangePosition(1, 1),
        Root = System.Text.Encoding.UTF8.GetBytes(_tree.Path),
        Notice = new WatchNotice(),
    }.Write();

    private BusServer Serve() => BusServer.Start(new BusServerOptions { SocketPath = SocketPath });

    private Task<BusClient> ConnectAsync(TimeSpan reconnect, bool isLocalAllowed = false) =>
        BusClient.ConnectAsync(new BusClientOptions
        {
            SocketPath = SocketPath,
            ReconnectTimeout = reconnect,
            AnswerTimeout = isLocalAllowed || reconnect != Soon ? TimeSpan.FromMinutes(1) : Soon,
            AllowLocal = isLocalAllowed,
        });
}
