using Vigil.Bus.Client;
using Vigil.Bus.Wire;
using Vigil.Platform.Linux;
using Vigil.Watching;
using Vigil.Watching.Tests;

namespace Vigil.Bus.Tests;

/// <summary>What a client believes, hears and asks for.</summary>
public sealed class ClientTests
{
    [Fact]
    public async Task A_refusal_is_heard_also_where_the_hello_was_not_read()
    {
        using TempTree directory = TempTree.InMemory();
        string path = directory.At("bus.sock");
        using UnixSocket door = UnixSocket.Listen(path, packets: true);
        Task<BusConnection> opening = BusConnection.OpenAsync(
            new BusClientOptions { SocketPath = path }, CancellationToken.None);
        using (UnixSocket peer = Eventually.Value(() => door.TryAccept(out _), "the client"))
        {
            // Its hello is there, and stays unread.
            Assert.True(peer.WaitReadable(timeoutMs: 30_000));
            byte[] refusal = new MessageWriter(MessageKind.Refused)
                .Write((uint)BusProblem.NotAllowed).Write("not you").ToArray();
            _ = peer.TrySend(refusal, []);
        }

        BusException refused = await Assert.ThrowsAsync<BusException>(() => opening);
        Assert.Equal("not you", refused.Message);
        Assert.Equal(BusProblem.NotAllowed, refused.Problem);
    }

    [Fact(SkipUnless = nameof(IsRoot), Skip = "only root can be another user")]
    public async Task The_server_of_another_user_is_not_believed()
    {
        using TempTree directory = TempTree.InMemory();
        ChildProcess.Shell($"chmod 777 '{directory.Path}'");
        string path = directory.At("bus.sock");
        string[] command = Sibling.Command("Vigil.BusHost");
        using ChildProcess server = ChildProcess.Start(
            "setpriv",
            [
                "--reuid", "65534", "--regid", "65534", "--clear-groups", "--", .. command, "serve", path, "user=0",
            ]);
        _ = server.Output.WaitForLine(line => line == "serving", "the server");
        var options = new BusClientOptions { SocketPath = path };
        BusException refused = await Assert.ThrowsAsync<BusException>(() => BusClient.ConnectAsync(options));
        Assert.Equal(BusProblem.NotAllowed, refused.Problem);
        Assert.Contains("65534", refused.Message, StringComparison.Ordinal);

        options.TrustedServerUserIds.Add(65534);
        await using BusClient client = await BusClient.ConnectAsync(options);
        Assert.Equal(server.Id, client.ServerProcessId);
    }

    [Fact]
    public async Task A_thousand_syncs_at_once_share_their_questions()
    {
        using TempTree tree = new();
        using TempTree directory = TempTree.InMemory();
        await using BusServer server = BusServer.Start(new BusServerOptions { SocketPath = directory.At("bus.sock") });
        await using BusClient client =
            await BusClient.ConnectAsync(new BusClientOptions { SocketPath = server.SocketPath });
        BusSubscription subscription = client.SubscribeAsync(tree.Path);
        var told = new List<FileChangeKind>();
        Task reading = Task.Run(async () =>
        {
            await foreach (FileChange change in subscription)
            {
                told.Add(change.Kind);
                if (change.Path.EndsWith("/last", StringComparison.Ordinal))
                {
                    return;
                }
            }
        });
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Task.Run(() => subscription.SyncAsync())));
        tree.WriteFile("last");
        await reading;
        Assert.DoesNotContain(FileChangeKind.Overflowed, told);
    }

    [Fact]
    public void Who_asks_while_a_question_is_under_way_shares_the_next()
    {
        var syncs = new PendingSyncs();
        Task first = syncs.Add(out uint asked);
        Assert.Equal(1u, asked);
        Task second = syncs.Add(out uint none);
        Task third = syncs.Add(out none);
        Assert.Equal(0u, none);
        Assert.Equal(1u, syncs.UnderWay);
        Assert.Equal(2u, syncs.Answer(1));
        Assert.False(first.IsCompleted);
        syncs.CompleteAnswered();
        Assert.True(first.IsCompletedSuccessfully);
        Assert.False(second.IsCompleted || third.IsCompleted);
        Assert.Equal(0u, syncs.Answer(1));
        Assert.Equal(0u, syncs.Answer(2));
        syncs.CompleteAnswered();
        Assert.True(second.IsCompletedSuccessfully && third.IsCompletedSuccessfully);
        Assert.Equal(0u, syncs.UnderWay);
    }

    [Fact]
    public async Task Where_the_root_was_gone_in_between_all_that_is_there_is_told()
    {
        using TempTree tree = new();
        using TempTree directory = TempTree.InMemory();
        tree.WriteFile("inner/old");
        await using BusServer server = BusServer.Start(new BusServerOptions { SocketPath = directory.At("bus.sock") });
        await using BusClient client =
            await BusClient.ConnectAsync(new BusClientOptions { SocketPath = server.SocketPath });
        ChangePosition before = await client.ClockAsync(tree.Path);
        Directory.Delete(tree.At("inner"), recursive: true);
        tree.WriteFile("inner/new");
        var told = new List<string>();
        await foreach (FileChange change in client.SubscribeAsync(
            tree.At("inner"), new SubscribeOptions { Since = before }))
        {
            told.Add($"{change.Kind} {Path.GetFileName(change.Path)}");
            if (change.Kind == FileChangeKind.Rescanned)
            {
                break;
            }
        }

        Assert.Equal(["Ready ", "Fresh ", "Created inner", "Created new", "Rescanned "], told);
    }

    [Fact]
    public async Task Many_who_want_a_state_at_once_share_few()
    {
        await using HeldTree held = await HeldTree.StartAsync();
        Vigil.Bus.Trees.SharedState[] states = await Task.WhenAll(Enumerable.Range(0, 50)
            .Select(_ => held.Tree.States.TakeAsync(held.Rules(), UnixSocket.OwnUserId, CancellationToken.None)));
        Assert.InRange(held.Tree.States.Count, 1, 49);
        Assert.InRange(states.Distinct().Count(), 1, 49);
        foreach (Vigil.Bus.Trees.SharedState state in states)
        {
            Assert.False((await state.Made).Records!.IsClosed);
            state.Dispose();
        }

        Assert.All(states, state => Assert.True(state.Made.Result.Records!.IsClosed));
    }

    public static bool IsRoot => UnixSocket.OwnUserId == 0;
}
