using Vigil.Bus.Serving;
using Vigil.Bus.Trees;
using Vigil.Platform.Linux;
using Vigil.Rings;
using Vigil.Watching;

namespace Vigil.Bus.Tests;

/// <summary>What a user that is not the server's own may take of it, and what it leaves to the others.</summary>
public sealed class ShareTests : IDisposable
{
    private const uint Foreign = 65534;
    private const uint Another = 65533;

    private readonly TempTree _tree = TempTree.InMemory();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public async Task A_user_may_have_so_many_trees_watched()
    {
        var options = new BusServerOptions { MaxTreesPerForeignUser = 3, MaxTrees = 6 };
        await using TreeTable trees = Table(options);
        WatchedTree first = await TakeAsync(trees, 0, Foreign);
        WatchedTree second = await TakeAsync(trees, 1, Foreign);
        _ = await TakeAsync(trees, 2, Foreign);
        Refused(() => trees.Take(At(3), default, isApart: false, Foreign), "user 65534 has 3 trees");

        // What somebody else has watched already costs nothing.
        _ = await TakeAsync(trees, 3, UnixSocket.OwnUserId);
        Assert.Equal(At(3), trees.Take(At(3), default, isApart: false, Foreign).Root);
        Assert.Equal(3, trees.CountOf(Foreign));

        // One that nobody uses makes room at once; and nobody else's does.
        trees.Return(first, first.Root, Foreign);
        trees.Return(second, second.Root, Foreign);
        _ = await TakeAsync(trees, 4, Foreign);
        Assert.DoesNotContain(trees.All, entry => entry.Tree == first);
        Assert.Contains(trees.All, entry => entry.Tree == second);
        _ = await TakeAsync(trees, 5, Another);
    }

    [Fact]
    public async Task Trees_that_nobody_uses_make_room_but_for_another_user()
    {
        var options = new BusServerOptions { MaxTrees = 3 };
        await using TreeTable trees = Table(options);
        WatchedTree own = await TakeAsync(trees, 0, UnixSocket.OwnUserId);
        trees.Return(own, own.Root, UnixSocket.OwnUserId);
        WatchedTree foreign = await TakeAsync(trees, 1, Foreign);
        trees.Return(foreign, foreign.Root, Foreign);
        _ = await TakeAsync(trees, 2, Foreign);

        // As many as there may be: the one that another user has left goes, not that of the server's own.
        _ = await TakeAsync(trees, 3, Another);
        Assert.Contains(trees.All, entry => entry.Tree == own);
        Assert.DoesNotContain(trees.All, entry => entry.Tree == foreign);
        Refused(() => trees.Take(At(4), default, isApart: false, Foreign), "3 trees are watched");
        _ = await TakeAsync(trees, 4, UnixSocket.OwnUserId);
        Assert.DoesNotContain(trees.All, entry => entry.Tree == own);
    }

    [Fact]
    public async Task A_user_may_have_so_many_directories_watched()
    {
        for (int i = 0; i < 30; i++)
        {
            _ = _tree.MakeDirectory($"large/d{i}");
            _ = _tree.MakeDirectory($"root0/d{i % 5}");
            _ = _tree.MakeDirectory($"root1/d{i % 15}");
        }

        var options = new BusServerOptions { MaxDirectoriesPerForeignUser = 20 };
        var shares = new UserShares(options);
        await using TreeTable trees = Table(options, shares);
        WatchedTree large = trees.Take(_tree.At("large"), default, isApart: false, Foreign);
        WatchBudgetException refused = await Assert.ThrowsAsync<WatchBudgetException>(() => large.Ready);
        Assert.Contains("20 directories", refused.Message, StringComparison.Ordinal);
        trees.Return(large, large.Root, Foreign);
        Assert.Equal(0, shares.CountDirectories(Foreign));

        // All its trees together; what is left comes back.
        WatchedTree first = await TakeAsync(trees, 0, Foreign);
        Assert.Equal(6, shares.CountDirectories(Foreign));
        WatchedTree second = trees.Take(At(1), default, isApart: false, Foreign);
        _ = await Assert.ThrowsAsync<WatchBudgetException>(() => second.Ready);
        trees.Return(second, second.Root, Foreign);
        Assert.Equal(6, shares.CountDirectories(Foreign));

        // One that grows too large ends.
        for (int i = 0; i < 30; i++)
        {
            _ = _tree.MakeDirectory($"root0/more{i}");
        }

        await first.Ended.WaitAsync(TimeSpan.FromSeconds(30));
        Eventually.True(() => shares.CountDirectories(Foreign) == 0, "the directories to be given back");

        // What the server's own user wants, too, has no such bound.
        WatchedTree again = trees.Take(_tree.At("large"), default, isApart: false, UnixSocket.OwnUserId);
        await again.Ready;
    }

    [Fact]
    public async Task A_tree_of_another_user_has_no_bound_once_the_own_user_has_it()
    {
        await using TreeTable trees = Table(new BusServerOptions { MaxDirectoriesPerForeignUser = 5 });
        WatchedTree tree = await TakeAsync(trees, 0, Foreign);
        Assert.Same(tree, trees.Take(At(0), default, isApart: false, UnixSocket.OwnUserId));
        for (int i = 0; i < 30; i++)
        {
            _ = _tree.MakeDirectory($"root0/more{i}");
        }

        _ = await tree.SyncAsync(CancellationToken.None);
        Assert.False(tree.Ended.IsCompleted);
        Assert.Equal(31, tree.Statistics.Directories);
    }

    [Fact]
    public async Task A_user_may_have_so_many_feeds_and_shares_none()
    {
        await using HeldTree held = await HeldTree.StartAsync(
            new BusServerOptions { RingBytes = 64 << 10, MaxFeedsPerForeignUser = 4 });
        (RingConsumer Ring, JoinedFeed Joined) own = await held.JoinAsync(held.Rules());
        (RingConsumer Ring, JoinedFeed Joined) foreign = await held.JoinAsync(held.Rules(), foreign: Foreign);
        Assert.NotSame(own.Joined.Feed, foreign.Joined.Feed);
        for (int i = 0; i < 3; i++)
        {
            _ = await held.JoinAsync(held.Rules(include: [$"{i}"]), foreign: Foreign);
        }

        await RefusedAsync(() => held.JoinAsync(held.Rules(include: ["5"]), foreign: Foreign), "user 65534 has");
        _ = await held.JoinAsync(held.Rules(include: ["5"]), foreign: Another);
        _ = await held.JoinAsync(held.Rules(include: ["6"]));

        // One less makes room; of those with threads there may be fewer.
        held.Tree.Leave(foreign.Joined);
        (RingConsumer Ring, JoinedFeed Joined) open =
            await held.JoinAsync(held.Rules(), descriptors: (UnixSocket.OwnUserId, 0), foreign: Another);
        await RefusedAsync(
            () => held.JoinAsync(held.Rules(["x"]), descriptors: (UnixSocket.OwnUserId, 0), foreign: Another),
            "user 65533 has");
        held.Tree.Leave(open.Joined);
        Eventually.True(
            () => held.JoinAsync(held.Rules(["x"]), descriptors: (UnixSocket.OwnUserId, 0), foreign: Another)
                .ContinueWith(joined => joined.IsCompletedSuccessfully, TaskScheduler.Default).Result,
            "the thread of the feed before to end");
        _ = await held.JoinAsync(held.Rules(include: ["7"]), foreign: Foreign);
    }

    private static async Task RefusedAsync(Func<Task> take, string reason)
    {
        BusException refused = await Assert.ThrowsAsync<BusException>(take);
        Assert.Equal(BusProblem.TooMany, refused.Problem);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    private static void Refused(Func<WatchedTree> take, string reason)
    {
        BusException refused = Assert.Throws<BusException>(take);
        Assert.Equal(BusProblem.TooMany, refused.Problem);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tree_whose_position_was_asked_for_is_kept_longer()
    {
        await using TreeTable trees = Table(new BusServerOptions { GracePeriod = TimeSpan.FromMilliseconds(50) });
        WatchedTree asked = await TakeAsync(trees, 0, UnixSocket.OwnUserId);
        WatchedTree left = await TakeAsync(trees, 1, UnixSocket.OwnUserId);
        trees.Return(asked, asked.Root, UnixSocket.OwnUserId, hasPosition: true);
        trees.Return(left, left.Root, UnixSocket.OwnUserId);
        Eventually.True(() => trees.All.Length == 1, "the other to be freed");
        Assert.Same(asked, trees.All[0].Tree);

        // Also where somebody subscribes to it meanwhile, and leaves.
        trees.Return(trees.Take(At(0), default, isApart: false, UnixSocket.OwnUserId), At(0), UnixSocket.OwnUserId);
        trees.Return(await TakeAsync(trees, 2, UnixSocket.OwnUserId), At(2), UnixSocket.OwnUserId);
        Eventually.True(() => trees.All.Length == 1, "the third to be freed");
        Assert.Same(asked, trees.All[0].Tree);
    }

    private static TreeTable Table(BusServerOptions options, UserShares? shares = null) => new(
        options,
        shares ?? new UserShares(options),
        new SentMemory(options.MaxUnreceivedBytesPerUser, options.StallTimeout),
        () => { });

    private string At(int number) => _tree.At($"root{number}");

    private async Task<WatchedTree> TakeAsync(TreeTable trees, int number, uint user)
    {
        _ = _tree.MakeDirectory($"root{number}");
        WatchedTree tree = trees.Take(At(number), default, isApart: false, user);
        await tree.Ready;
        return tree;
    }
}
