using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>What watchers of one process share, and what they give back.</summary>
[Collection(nameof(Alone))]
public sealed class SharingTests
{
    private const string ReaderThread = "vigil inotify";

    [Fact]
    public async Task All_watchers_share_one_instance_and_one_reader_thread()
    {
        using var tree = new TempTree();
        string[] roots = [.. Enumerable.Range(0, 5).Select(i => tree.MakeDirectory($"r{i}/d"))];
        Eventually.True(() => Descriptors.CountThreads(ReaderThread) == 0, "the reader of earlier tests to end");
        int before = Descriptors.CountInstances();
        var watchers = new List<TreeWatcher>();
        foreach (string root in roots)
        {
            watchers.Add(await TreeWatcher.StartAsync(root));
        }

        watchers.Add(await TreeWatcher.StartAsync(tree.Path));
        Assert.Equal(before + 1, Descriptors.CountInstances());
        Assert.Equal(1, Descriptors.CountThreads(ReaderThread));
        foreach (TreeWatcher watcher in watchers)
        {
            await watcher.DisposeAsync();
        }

        Eventually.True(() => Descriptors.CountThreads(ReaderThread) == 0, "the reader to end with the last watcher");
        Eventually.True(() => Descriptors.CountInstances() == before, "the instance to be closed");
    }

    [Fact]
    public async Task Watches_are_given_back_one_by_one_where_others_go_on()
    {
        using var tree = new TempTree();
        string a = tree.MakeDirectory("a");
        tree.MakeDirectory("a/1/2/3");
        string b = tree.MakeDirectory("b");
        await using TreeWatcher stays = await TreeWatcher.StartAsync(b);
        await stays.SyncAsync();
        int before = Descriptors.CountWatches();
        TreeWatcher goes = await TreeWatcher.StartAsync(a);
        Assert.Equal(4, Descriptors.CountWatches(a));
        await goes.DisposeAsync();
        Assert.Equal(0, Descriptors.CountWatches(a));
        Assert.Equal(before, Descriptors.CountWatches());

        await stays.AddAsync(a);
        await stays.SyncAsync();
        Assert.Equal(4, Descriptors.CountWatches(a));
        Assert.True(await stays.RemoveAsync(a));
        Assert.Equal(0, Descriptors.CountWatches(a));
        Assert.Equal(before, Descriptors.CountWatches());
    }

    [Fact]
    public async Task What_leaves_the_tree_is_not_watched_any_more()
    {
        using var tree = new TempTree();
        string root = tree.MakeDirectory("root");
        tree.MakeDirectory("root/a/b/c");
        await using TreeWatcher watcher = await TreeWatcher.StartAsync(root);
        int before = Descriptors.CountWatches();
        for (int i = 0; i < 20; i++)
        {
            Directory.Move(tree.At("root/a"), tree.At("a"));
            await watcher.SyncAsync();
            Assert.Equal(0, Descriptors.CountWatches(tree.At("a")));
            Directory.Move(tree.At("a"), tree.At("root/a"));
            await watcher.SyncAsync();
        }

        Assert.Equal(before, Descriptors.CountWatches());
        Assert.Equal(4, Descriptors.CountWatches(root));
    }

    [Fact]
    public async Task No_directory_stays_open_where_nothing_happens()
    {
        using var tree = new TempTree();
        tree.WriteFile("a/b/c");
        await using TreeWatcher watcher = await TreeWatcher.StartAsync(tree.Path);
        tree.WriteFile("a/d/e");
        await watcher.SyncAsync();
        Eventually.Passes(() => Assert.Empty(Descriptors.OpenBelow(tree.Path)), "every directory to be closed");
    }
}
