using Vigil.Bus.Serving;
using Vigil.Platform;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Bus.Tests;

/// <summary>What a server bounds, what it waits for, and whose it takes for whose.</summary>
public sealed class BoundTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Who_does_not_listen_to_the_log_stops_nothing()
    {
        using TempTree tree = new();
        using TempTree directory = TempTree.InMemory();
        using var listens = new ManualResetEventSlim();
        await using (BusServer server = BusServer.Start(new BusServerOptions
        {
            SocketPath = directory.At("bus.sock"),
            Log = _ => listens.Wait(),
        }))
        {
            await using BusClient client =
                await BusClient.ConnectAsync(new BusClientOptions { SocketPath = server.SocketPath });
            _ = await client.ClockAsync(tree.Path).WaitAsync(Long);
            for (int i = 0; i < 30; i++)
            {
                BusException refused =
                    await Assert.ThrowsAsync<BusException>(() => client.ClockAsync(tree.At("none")).WaitAsync(Long));
                Assert.Equal(BusProblem.Unwatchable, refused.Problem);
            }

            listens.Set();
        }
    }

    [Fact]
    public async Task Globs_have_a_bound()
    {
        using TempTree tree = new();
        using TempTree directory = TempTree.InMemory();
        await using BusServer server = BusServer.Start(new BusServerOptions { SocketPath = directory.At("bus.sock") });
        await using BusClient client =
            await BusClient.ConnectAsync(new BusClientOptions { SocketPath = server.SocketPath });
        var options = new SubscribeOptions();
        for (int i = 0; i < 17; i++)
        {
            options.Include.Add($"**/*/**/b{i}");
        }

        BusException refused = await Assert.ThrowsAsync<BusException>(() => ReadOneAsync(client, tree.Path, options));
        Assert.Equal(BusProblem.Protocol, refused.Problem);
        Assert.Contains("'**'", refused.Message, StringComparison.Ordinal);

        // What is looked at once has no such bound.
        options.Include.Clear();
        for (int i = 0; i < 50; i++)
        {
            options.Include.Add($"**/*.b{i}");
        }

        Assert.Equal(FileChangeKind.Ready, await ReadOneAsync(client, tree.Path, options));
    }

    [Fact]
    public async Task A_server_leaves_the_door_of_another_alone()
    {
        using TempTree directory = TempTree.InMemory();
        string path = directory.At("bus.sock");
        BusServer first = BusServer.Start(new BusServerOptions { SocketPath = path });
        File.Delete(path + ".lock");
        await using BusServer second = BusServer.Start(new BusServerOptions { SocketPath = path });
        await first.DisposeAsync();
        await using BusClient client = await BusClient.ConnectAsync(new BusClientOptions { SocketPath = path });
        Assert.Equal(Environment.ProcessId, client.ServerProcessId);
    }

    [Fact]
    public void A_place_where_no_server_can_serve_is_refused_with_a_reason()
    {
        using TempTree directory = TempTree.InMemory();
        directory.WriteFile("file");
        directory.MakeDirectory("taken.sock");
        string[] paths = [directory.At("file/bus.sock"), directory.At("taken.sock"), "/proc/none/b.sock"];
        foreach (string path in paths)
        {
            var options = new BusServerOptions { SocketPath = path };
            Exception refused = Assert.ThrowsAny<Exception>(() => BusServer.Start(options));
            Assert.True(refused is BusException or VigilException, $"{path}: {refused}");
        }
    }

    [Fact]
    public async Task What_was_allowed_is_told_from_what_has_its_name_now()
    {
        await using HeldTree held = await HeldTree.StartAsync();
        Directory.CreateDirectory($"{held.Root}/inner");
        _ = await held.Tree.SyncAsync(CancellationToken.None);
        ResolvedRoot root = Look(held.Root);
        ResolvedRoot inner = Look($"{held.Root}/inner");
        Assert.True(held.Tree.Has(root));
        Assert.True(held.Tree.Has(inner));
        Assert.False(held.Tree.Has(root with { Status = inner.Status }));
        Assert.False(held.Tree.Has(inner with { Status = root.Status }));
        Directory.Delete($"{held.Root}/inner");
        _ = await held.Tree.SyncAsync(CancellationToken.None);
        Assert.False(held.Tree.Has(inner));
    }

    [Fact]
    public async Task A_link_in_the_place_of_the_root_is_not_followed()
    {
        using TempTree tree = new();
        tree.WriteFile("secret/names");
        tree.MakeDirectory("root");
        await using TreeWatcher watcher = await TreeWatcher.StartAsync(
            [tree.At("root")], new TreeWatcherOptions { FollowRootLinks = false });
        ChildProcess.Shell("mv root gone; ln -s secret root", tree.Path);
        var told = new List<FileChange>();
        await foreach (FileChange change in watcher.ReadAllAsync())
        {
            told.Add(change);
        }

        Assert.Equal(FileChangeKind.Gone, told[^1].Kind);
        Assert.DoesNotContain(told, change => change.Path.EndsWith("names", StringComparison.Ordinal));
    }

    private static ResolvedRoot Look(string path) =>
        new(path, Stat.Get(PathText.ToTerminated(path), followLinks: false));

    private static async Task<FileChangeKind> ReadOneAsync(BusClient client, string root, SubscribeOptions options)
    {
        await foreach (FileChange change in client.SubscribeAsync(root, options))
        {
            return change.Kind;
        }

        return default;
    }
}
