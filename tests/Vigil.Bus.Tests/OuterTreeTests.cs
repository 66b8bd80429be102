using Vigil.Bus.Serving;
using Vigil.Bus.Trees;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Bus.Tests;

/// <summary>Trees around what somebody asks for: whom they serve, and for how long.</summary>
public sealed class OuterTreeTests
{
    [Fact]
    public async Task An_outer_tree_is_not_kept_by_those_who_come_to_what_is_inside()
    {
        using TempTree tree = new();
        _ = tree.MakeDirectory("first");
        _ = tree.MakeDirectory("second");
        using ServerProcess server = ServerProcess.Start("grace=50");
        await using BusClient client =
            await BusClient.ConnectAsync(new BusClientOptions { SocketPath = server.SocketPath });
        using SubscriberProcess outer = SubscriberProcess.Start(server, tree.Path);
        using SubscriberProcess first = SubscriberProcess.Start(server, tree.At("first"));
        Assert.Equal([(tree.Path, 2)], await TreesAsync(client));

        // Only somebody inside is left, and stays; who comes now has a tree of its own.
        outer.Kill();
        await Eventually.TrueAsync(async () => await TreesAsync(client) is [(_, 1)], "the outer subscriber to be gone");
        using SubscriberProcess second = SubscriberProcess.Start(server, tree.At("second"));
        Assert.Equal([(tree.Path, 1), (tree.At("second"), 1)], await TreesAsync(client));
        first.Kill();
        await Eventually.TrueAsync(
            async () => await TreesAsync(client) is [var left] && left == (tree.At("second"), 1),
            "the outer tree to be freed");
    }

    [Fact]
    public async Task Who_comes_back_has_the_outer_tree_only_for_what_it_missed()
    {
        using TempTree tree = new();
        _ = tree.MakeDirectory("in");
        uint user = UnixSocket.OwnUserId;
        var options = new BusServerOptions();
        await using var trees = new TreeTable(
            options,
            new UserShares(options),
            new SentMemory(options.MaxUnreceivedBytesPerUser, options.StallTimeout),
            () => { });
        WatchedTree outer = trees.Take(tree.Path, default, isApart: false, user);
        await outer.Ready;
        _ = tree.WriteFile("in/file");
        _ = await outer.SyncAsync(CancellationToken.None);
        var position = new ChangePosition(outer.Epoch, outer.Through);
        Assert.True(position.Number > 0);
        trees.Return(outer, outer.Root, user);

        // What it missed is there, also where nobody has the tree.
        Assert.Same(outer, trees.Take(tree.At("in"), position, isApart: false, user));
        trees.Return(outer, tree.At("in"), user);
        ChangePosition[] others = [position with { Number = 0 }, position with { Number = position.Number + 1 }];
        foreach (ChangePosition other in others)
        {
            Assert.Equal(tree.At("in"), trees.Take(tree.At("in"), other, isApart: false, user).Root);
        }
    }

    private static async Task<(string Root, int Users)[]> TreesAsync(BusClient client) =>
        [.. (await client.StatusAsync()).Trees.Select(tree => (tree.Root, tree.Users))];
}
