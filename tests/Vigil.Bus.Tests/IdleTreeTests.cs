using Vigil.Bus.Serving;
using Vigil.Bus.Trees;
using Vigil.Platform.Linux;

namespace Vigil.Bus.Tests;

/// <summary>What trees that nobody uses keep of the kernel's watches: nothing that others lack.</summary>
public sealed class IdleTreeTests
{
    [Fact]
    public async Task Trees_that_nobody_uses_give_their_watches_to_who_lacks_them()
    {
        using TempTree tree = new();
        MakeDirectories(tree, "asked", 40);
        MakeDirectories(tree, "wanted", 40);
        using ServerProcess server = StartWithWatches(60);
        await using BusClient client =
            await BusClient.ConnectAsync(new BusClientOptions { SocketPath = server.SocketPath });
        _ = await client.ClockAsync(tree.At("asked"));
        using SubscriberProcess subscriber = SubscriberProcess.Start(server, tree.At("wanted"));
        BusTreeStatus wanted = Assert.Single((await client.StatusAsync()).Trees);
        Assert.Equal((tree.At("wanted"), 0), (wanted.Root, wanted.PolledDirectories));
    }

    [Fact]
    public async Task A_tree_that_grows_has_the_watches_of_those_that_nobody_uses()
    {
        using TempTree tree = new();
        MakeDirectories(tree, "asked", 40);
        MakeDirectories(tree, "wanted", 5);
        using ServerProcess server = StartWithWatches(60);
        await using BusClient client =
            await BusClient.ConnectAsync(new BusClientOptions { SocketPath = server.SocketPath });
        using SubscriberProcess subscriber = SubscriberProcess.Start(server, tree.At("wanted"));
        _ = await client.ClockAsync(tree.At("asked"));
        MakeDirectories(tree, "wanted", 40);
        await Eventually.TrueAsync(
            async () => (await client.StatusAsync()).Trees is [{ Directories: 41, PolledDirectories: 0 }],
            "the tree to be watched as a whole");
    }

    [Fact]
    public async Task Trees_that_nobody_uses_are_kept_for_long_only_where_they_are_small_together()
    {
        using TempTree tree = new();
        string[] names = ["first", "second", "third"];
        foreach (string name in names)
        {
            MakeDirectories(tree, name, 15);
        }

        var options = new BusServerOptions { GracePeriod = TimeSpan.FromMilliseconds(50) };
        await using var trees = new TreeTable(
            options,
            new UserShares(options),
            new SentMemory(options.MaxUnreceivedBytesPerUser, options.StallTimeout),
            () => { },
            mostIdle: 32);
        uint user = UnixSocket.OwnUserId;
        var taken = new List<WatchedTree>();
        foreach (string name in names)
        {
            taken.Add(trees.Take(tree.At(name), default, isApart: false, user));
            await taken[^1].Ready;
        }

        // The time is that of a clock that ticks a thousand times a second: who is left later is so by that clock.
        foreach (WatchedTree left in taken)
        {
            long before = Environment.TickCount64;
            Eventually.True(() => Environment.TickCount64 > before, "the clock to tick");
            trees.Return(left, left.Root, user, hasPosition: true);
        }

        await taken[0].Ended.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal([taken[1], taken[2]], trees.All.Select(entry => entry.Tree));
    }

    // In a user namespace of its own, which has limits of its own (namespaces(7)).
    private static ServerProcess StartWithWatches(int watches) => ServerProcess.StartBy(
        ["unshare", "-Ur", "sh", "-c", $"echo {watches} > /proc/sys/user/max_inotify_watches && exec \"$@\"", "sh"]);

    private static void MakeDirectories(TempTree tree, string name, int count)
    {
        for (int i = 0; i < count; i++)
        {
            _ = tree.MakeDirectory($"{name}/d{i}");
        }
    }
}
