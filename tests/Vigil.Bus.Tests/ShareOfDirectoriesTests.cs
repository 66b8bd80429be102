using Vigil.Bus.Serving;
using Vigil.Bus.Trees;
using Vigil.Platform.Linux;

namespace Vigil.Bus.Tests;

/// <summary>Whose directories those of a tree are that several users have.</summary>
public sealed class ShareOfDirectoriesTests : IDisposable
{
    private const uint Foreign = 65534;
    private const uint Another = 65533;

    private readonly TempTree _tree = TempTree.InMemory();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public async Task Directories_are_of_one_who_is_left_when_the_first_leaves()
    {
        MakeDirectories("one", 15);
        MakeDirectories("two", 15);
        var options = new BusServerOptions { MaxDirectoriesPerForeignUser = 20 };
        var shares = new UserShares(options);
        await using TreeTable trees = Table(options, shares);
        WatchedTree one = await TakeAsync(trees, "one", Foreign);
        Assert.Same(one, await TakeAsync(trees, "one", Another));
        Assert.Equal((16, 0), (shares.CountDirectories(Foreign), shares.CountDirectories(Another)));

        Return(trees, one, "one", Foreign);
        Assert.Equal((0, 16), (shares.CountDirectories(Foreign), shares.CountDirectories(Another)));
        WatchedTree two = await TakeAsync(trees, "two", Foreign);

        // Also when it grows: it is too large for who has it now, and for nobody else.
        MakeDirectories("one", 25);
        await one.Ended.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(two.Ended.IsCompleted);
        Eventually.True(() => shares.CountDirectories(Another) == 0, "the directories to be given back");
        Assert.Equal(16, shares.CountDirectories(Foreign));
    }

    [Fact]
    public async Task Directories_of_the_own_user_are_of_another_that_is_left()
    {
        MakeDirectories("one", 15);
        var options = new BusServerOptions { MaxDirectoriesPerForeignUser = 20 };
        var shares = new UserShares(options);
        await using TreeTable trees = Table(options, shares);
        WatchedTree one = await TakeAsync(trees, "one", Foreign);
        _ = await TakeAsync(trees, "one", UnixSocket.OwnUserId);
        Assert.Equal(0, shares.CountDirectories(Foreign));
        Return(trees, one, "one", UnixSocket.OwnUserId);
        Assert.Equal(16, shares.CountDirectories(Foreign));

        // One that nobody has is of who comes.
        Return(trees, one, "one", Foreign);
        Assert.Same(one, await TakeAsync(trees, "one", Another));
        Assert.Equal((0, 16), (shares.CountDirectories(Foreign), shares.CountDirectories(Another)));
    }

    [Fact]
    public async Task A_tree_that_nobody_left_has_room_for_is_freed()
    {
        MakeDirectories("one", 15);
        MakeDirectories("two", 15);
        var options = new BusServerOptions
        {
            MaxDirectoriesPerForeignUser = 20,
            GracePeriod = TimeSpan.FromMilliseconds(50),
        };
        var shares = new UserShares(options);
        await using TreeTable trees = Table(options, shares);
        WatchedTree one = await TakeAsync(trees, "one", Foreign);
        _ = await TakeAsync(trees, "one", Another);
        WatchedTree two = await TakeAsync(trees, "two", Another);
        Return(trees, one, "one", Foreign);
        await one.Ended.WaitAsync(TimeSpan.FromSeconds(30));
        Eventually.True(() => shares.CountDirectories(Foreign) == 0, "the directories to be given back");
        Assert.Equal(16, shares.CountDirectories(Another));
        Assert.False(two.Ended.IsCompleted);
        Return(trees, one, "one", Another);
    }

    [Fact]
    public async Task Who_asked_for_a_part_is_not_charged_with_the_whole()
    {
        MakeDirectories("one", 15);
        var options = new BusServerOptions
        {
            MaxDirectoriesPerForeignUser = 20,
            GracePeriod = TimeSpan.FromMilliseconds(50),
        };
        var shares = new UserShares(options);
        await using TreeTable trees = Table(options, shares);
        WatchedTree one = await TakeAsync(trees, "one", Foreign);
        Assert.Same(one, await TakeAsync(trees, "one/d3", Another));
        Return(trees, one, "one", Foreign);
        await one.Ended.WaitAsync(TimeSpan.FromSeconds(30));
        WatchedTree part = await TakeAsync(trees, "one/d3", Another);
        Assert.Equal(_tree.At("one/d3"), part.Root);
        Eventually.True(() => shares.CountDirectories(Foreign) == 0, "the directories to be given back");
        Assert.Equal(1, shares.CountDirectories(Another));
    }

    private static TreeTable Table(BusServerOptions options, UserShares shares) => new(
        options,
        shares,
        new SentMemory(options.MaxUnreceivedBytesPerUser, options.StallTimeout),
        () => { });

    private void MakeDirectories(string name, int count)
    {
        for (int i = 0; i < count; i++)
        {
            _ = _tree.MakeDirectory($"{name}/d{i}");
        }
    }

    private async Task<WatchedTree> TakeAsync(TreeTable trees, string name, uint user)
    {
        WatchedTree tree = trees.Take(_tree.At(name), default, isApart: false, user);
        await tree.Ready;
        return tree;
    }

    private void Return(TreeTable trees, WatchedTree tree, string name, uint user) =>
        trees.Return(tree, _tree.At(name), user);
}
