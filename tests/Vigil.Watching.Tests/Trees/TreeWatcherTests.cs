using Vigil.Platform;
using Vigil.Platform.Linux;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>What the calls of a tree watcher promise.</summary>
public sealed class TreeWatcherTests
{
    [Fact]
    public async Task Sync_returns_when_everything_before_it_is_in_the_changes()
    {
        using var tree = new TempTree();
        await using TreeWatcher watcher = await TreeWatcher.StartAsync(tree.Path);
        for (int i = 0; i < 50; i++)
        {
            tree.WriteFile($"d{i}/e/f{i}", "x");
            await watcher.SyncAsync();
            Assert.Contains(Read(watcher), change => change.Path == tree.At($"d{i}/e/f{i}"));
        }
    }

    [Fact]
    public async Task Sync_returns_at_once_where_nothing_happens()
    {
        using var tree = new TempTree();
        await using TreeWatcher watcher = await TreeWatcher.StartAsync(tree.Path);
        Task[] many = [.. Enumerable.Range(0, 20).Select(_ => watcher.SyncAsync())];
        await Task.WhenAll(many).WaitAsync(Eventually.DefaultTimeout);
        Assert.Equal(FileChangeKind.Ready, Assert.Single(Read(watcher)).Kind);
    }

    [Fact]
    public async Task Sync_leaves_nothing_behind_and_tells_nothing_of_itself()
    {
        using var tree = new TempTree();
        await using TreeWatcher watcher = await TreeWatcher.StartAsync(tree.Path);
        await watcher.SyncAsync();
        await watcher.SyncAsync();
        Assert.Single(Read(watcher));
        Assert.Empty(Directory.GetFileSystemEntries(tree.Path));
    }

    [Theory]
    [InlineData("r")]
    [InlineData("r/a")]
    public async Task A_root_that_is_removed_while_somebody_is_in_it_is_told_as_gone_at_once(string root)
    {
        const string file = "r/a";
        using var tree = new TempTree();
        tree.WriteFile(file, "x");
        var options = new TreeWatcherOptions { WaitForRoots = true };
        await using TreeWatcher watcher = await TreeWatcher.StartAsync([tree.At(root)], options);
        using var limit = new CancellationTokenSource(Eventually.DefaultTimeout);

        // Until this is closed, the directory keeps its inode, and the kernel is silent about it.
        using DirectoryHandle inUse = DirectoryHandle.Open(PathText.ToTerminated(tree.At("r")), followLink: false);
        Directory.Delete(tree.At("r"), recursive: true);
        tree.WriteFile(file, "y");
        bool isGone = false;
        await foreach (FileChange change in watcher.ReadAllAsync(limit.Token))
        {
            isGone |= change.Kind == FileChangeKind.Gone;
            if (isGone && change.Kind == FileChangeKind.Created && change.Path == tree.At(file))
            {
                break;
            }
        }

        // The new one is watched, not only compared once.
        File.AppendAllText(tree.At(file), "more");
        await foreach (FileChange change in watcher.ReadAllAsync(limit.Token))
        {
            if (change.Kind == FileChangeKind.Modified && change.Path == tree.At(file))
            {
                break;
            }
        }
    }

    [Theory]
    [InlineData(0, 16)]
    [InlineData(0, 2000)]
    [InlineData(60_000, 16)]
    public async Task Sync_ends_while_changes_never_do(int settleMs, int directories)
    {
        using TempTree tree = TempTree.InMemory();
        tree.MakeDirectory("out");
        string root = tree.MakeDirectory("root");
        for (int i = 0; i < directories; i++)
        {
            tree.MakeDirectory($"root/{i}");
        }

        var options = new TreeWatcherOptions { Settle = TimeSpan.FromMilliseconds(settleMs) };
        await using TreeWatcher watcher = await TreeWatcher.StartAsync([root], options);
        using var stop = new CancellationTokenSource();
        Task reading = Task.Run(async () =>
        {
            await foreach (FileChange change in watcher.ReadAllAsync())
            {
                Assert.True(change.Sequence > 0);
            }
        });
        Task writing = Task.Run(() =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                // Halves of renames that never find the other, directories that are gone when they are looked at.
                string name = tree.At($"root/{i % directories}/x");
                Directory.CreateDirectory(name);
                Directory.Move(name, tree.At("out/x"));
                Directory.Delete(tree.At("out/x"));
                File.WriteAllText(tree.At("root/f"), "x");
            }
        });
        try
        {
            for (int i = 0; i < 5; i++)
            {
                await watcher.SyncAsync().WaitAsync(Eventually.DefaultTimeout);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await writing;
        }

        await watcher.DisposeAsync();
        await reading;
    }

    [Fact]
    public async Task A_cancelled_sync_leaves_the_watcher_alone()
    {
        using var tree = new TempTree();
        await using TreeWatcher watcher = await TreeWatcher.StartAsync(tree.Path);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watcher.SyncAsync(new CancellationToken(true)));
        tree.WriteFile("a");
        await watcher.SyncAsync();
        Assert.Contains(Read(watcher), change => change.Path == tree.At("a"));
    }

    [Fact]
    public async Task Initial_entries_come_after_ready_with_parents_first()
    {
        using var tree = new TempTree();
        tree.WriteFile("a/b/c");
        var options = new TreeWatcherOptions { ReportInitial = true };
        await using TreeWatcher watcher = await TreeWatcher.StartAsync([tree.Path], options);
        FileChange[] changes = [.. Read(watcher)];
        Assert.Equal(FileChangeKind.Ready, changes[0].Kind);
        Assert.Equal(
            [tree.Path, tree.At("a"), tree.At("a/b"), tree.At("a/b/c")], changes[1..].Select(change => change.Path));
        Assert.All(changes[1..], change => Assert.True(change.IsInitial));
        Assert.Equal(4, changes[0].Notice!.Entries);
        Assert.Equal(3, changes[0].Notice!.Directories);
    }

    [Fact]
    public async Task A_path_that_is_not_there_is_named()
    {
        using var tree = new TempTree();
        VigilException missing = await Assert.ThrowsAsync<VigilException>(
            () => TreeWatcher.StartAsync(tree.At("no/such")));
        Assert.Contains(tree.At("no/such"), missing.Message, StringComparison.Ordinal);
        await using TreeWatcher watcher = await TreeWatcher.StartAsync(tree.Path);
        await Assert.ThrowsAsync<VigilException>(() => watcher.AddAsync(tree.At("nor/this")));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => watcher.AddAsync(""));
        Assert.False(await watcher.RemoveAsync(tree.At("nor/this")));
        tree.WriteFile("a");
        await watcher.SyncAsync();
        Assert.Contains(Read(watcher), change => change.Path == tree.At("a"));
    }

    [Fact]
    public async Task A_bad_pattern_is_an_argument_error() =>
        await Assert.ThrowsAnyAsync<ArgumentException>(() => TreeWatcher.StartAsync(
            ["."], new TreeWatcherOptions { Ignore = { "[" } }));

    [Fact]
    public async Task A_cancelled_start_gives_everything_back()
    {
        using var tree = new TempTree();
        MakeMany(tree, directories: 300);
        using var cancellation = new CancellationTokenSource();
        Task<TreeWatcher> starting = TreeWatcher.StartAsync([tree.Path], null, cancellation.Token);
        await cancellation.CancelAsync();
        try
        {
            await (await starting).DisposeAsync();
        }
        catch (OperationCanceledException)
        {
            // In time.
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => TreeWatcher.StartAsync([tree.Path], null, new CancellationToken(canceled: true)));
        Eventually.True(() => Descriptors.CountWatches(tree.Path) == 0, "all watches of the tree to be given back");
    }

    [Fact]
    public async Task Disposing_completes_the_changes_and_may_be_repeated()
    {
        using var tree = new TempTree();
        TreeWatcher watcher = await TreeWatcher.StartAsync(tree.Path);
        Task reading = Task.Run(async () =>
        {
            await foreach (FileChange change in watcher.ReadAllAsync())
            {
                Assert.Equal(FileChangeKind.Ready, change.Kind);
            }
        });
        Task[] disposals = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await watcher.DisposeAsync()))];
        await Task.WhenAll(disposals).WaitAsync(Eventually.DefaultTimeout);
        await watcher.DisposeAsync();
        await reading.WaitAsync(Eventually.DefaultTimeout);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => watcher.SyncAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => watcher.AddAsync(tree.Path));
    }

    [Fact]
    public async Task Disposing_ends_a_scan_and_a_wait_for_the_reader()
    {
        using var tree = new TempTree();
        string outside = tree.MakeDirectory("outside");
        string root = tree.MakeDirectory("root");
        using (TempTree many = TempTree.Inside(outside))
        {
            MakeMany(many, directories: 400);
            for (int i = 0; i < 10; i++)
            {
                // Nobody reads: the watcher waits with a full channel, or is in the middle of a scan.
                var options = new TreeWatcherOptions { Capacity = 1 << i };
                TreeWatcher watcher = await TreeWatcher.StartAsync([root], options);
                string inside = Path.Combine(root, $"t{i}");
                Directory.Move(many.Path, inside);
                if (i % 2 == 0)
                {
                    await Eventually.TrueAsync(() => watcher.Statistics.Entries > 100, "the scan to be under way");
                }

                await watcher.DisposeAsync().AsTask().WaitAsync(Eventually.DefaultTimeout);
                Directory.Move(inside, many.Path);
            }
        }

        Assert.Equal(0, Descriptors.CountWatches(root));
    }

    [Fact]
    public async Task A_reader_that_is_too_slow_is_told_and_then_holds_the_tree()
    {
        using TempTree tree = TempTree.InMemory();
        var options = new TreeWatcherOptions { Capacity = 4 };
        await using TreeWatcher watcher = await TreeWatcher.StartAsync([tree.Path], options);
        var reader = new MirrorReader();
        reader.Start(watcher.Snapshot());

        // Nothing is read while more happens than is kept: 32 MiB of events with names of 255 bytes.
        string name = new('n', 250);
        for (int i = 0; i < 60_000; i++)
        {
            File.WriteAllBytes(tree.At($"{name}{i % 100}"), [1]);
            File.Delete(tree.At($"{name}{i % 100}"));
        }

        tree.WriteFile("last");
        Task reading = Task.Run(() => reader.ReadAsync(watcher));
        await watcher.SyncAsync().WaitAsync(Eventually.DefaultTimeout);
        await watcher.DisposeAsync();
        await reading;
        Assert.True(reader.Overflows > 0, "the reader was told");
        Assert.True(reader.Rescans > 0, "and that it is over");
        Assert.Empty(reader.Faults);
        Assert.Empty(reader.DifferencesFrom(DiskWalk.Read(tree.Path)));
    }

    [Fact]
    public async Task What_was_dropped_is_told_also_where_nothing_happens_after_it()
    {
        using TempTree tree = TempTree.InMemory();
        var options = new TreeWatcherOptions { Capacity = 4 };
        await using TreeWatcher watcher = await TreeWatcher.StartAsync([tree.Path], options);
        var reader = new MirrorReader();
        reader.Start(watcher.Snapshot());

        // As above, but what is dropped is the last that happens, and nobody asks.
        string name = new('n', 250);
        for (int i = 0; i < 60_000; i++)
        {
            File.WriteAllBytes(tree.At($"{name}{i % 100}"), []);
            File.Delete(tree.At($"{name}{i % 100}"));
        }

        File.WriteAllBytes(tree.At("last"), []);
        using var patience = new CancellationTokenSource(Eventually.DefaultTimeout);
        while (reader.Rescans == 0)
        {
            reader.Apply(await watcher.Changes.ReadAsync(patience.Token));
        }

        Assert.Equal(1, reader.Overflows);
        Assert.Empty(reader.Faults);
        Assert.Empty(reader.DifferencesFrom(DiskWalk.Read(tree.Path)));
    }

    [Fact]
    public async Task Watchers_of_one_directory_get_what_each_asked_for()
    {
        using var tree = new TempTree();
        tree.WriteFile("d/a");
        await using TreeWatcher all = await TreeWatcher.StartAsync(tree.Path);
        var options = new TreeWatcherOptions { Kinds = FileChangeKinds.Structure };
        await using (TreeWatcher structure = await TreeWatcher.StartAsync([tree.Path], options))
        {
            tree.WriteFile("d/a", "x");
            tree.WriteFile("d/b", "x");
            await Task.WhenAll(all.SyncAsync(), structure.SyncAsync());
            Assert.Equal([FileChangeKind.Created], Read(structure).Skip(1).Select(change => change.Kind));
            Assert.Contains(Read(all), change => change.Kind == FileChangeKind.Closed && change.Path == tree.At("d/a"));
        }

        // What the other one has given back is still watched.
        tree.WriteFile("d/c", "x");
        await all.SyncAsync();
        Assert.Contains(Read(all), change => change.Kind == FileChangeKind.Closed && change.Path == tree.At("d/c"));
    }

    [Fact]
    public async Task A_snapshot_has_sizes_and_types_with_parents_first()
    {
        using var tree = new TempTree();
        tree.WriteFile("a/b", "four");
        ChildProcess.Shell("ln -s b a/l; mkfifo p", tree.Path);
        await using TreeWatcher watcher = await TreeWatcher.StartAsync(tree.Path);
        tree.WriteFile("a/b", "five5");
        await watcher.SyncAsync();
        TreeSnapshot snapshot = watcher.Snapshot();
        Assert.Equal(snapshot.Count, snapshot.Select(entry => entry.Path).Distinct().Count());
        Assert.Equal(EntryType.Symlink, snapshot.Single(entry => entry.Path == tree.At("a/l")).Type);
        Assert.NotEqual(EntryType.File, snapshot.Single(entry => entry.Path == tree.At("p")).Type);
        Assert.Equal(5, snapshot.Single(entry => entry.Path == tree.At("a/b")).SizeBytes);
        string[] paths = [.. snapshot.Select(entry => entry.Path)];
        Assert.All(paths[1..], path => Assert.True(
            Array.IndexOf(paths, Path.GetDirectoryName(path)) is var parent && parent >= 0
            && parent < Array.IndexOf(paths, path)));
    }

    [Fact]
    public void A_path_can_be_checked_before()
    {
        using var tree = new TempTree();
        TreeWatcher.CheckPath(tree.Path);
        TreeWatcher.CheckPath(tree.WriteFile("f"));
        Assert.Throws<VigilException>(() => TreeWatcher.CheckPath(tree.At("no")));
        Assert.Throws<VigilException>(() => TreeWatcher.CheckPath(tree.At("f/no")));
    }

    private static void MakeMany(TempTree tree, int directories)
    {
        for (int i = 0; i < directories; i++)
        {
            tree.WriteFile($"m{i / 20}/n{i}/f");
        }
    }

    private static List<FileChange> Read(TreeWatcher watcher)
    {
        var changes = new List<FileChange>();
        while (watcher.Changes.TryRead(out FileChange change))
        {
            changes.Add(change);
        }

        return changes;
    }

    [Fact]
    public async Task A_rename_is_told_with_all_that_it_does_to_who_asks_for_it()
    {
        using TempTree tree = new();
        tree.WriteFile("a/b/c", "c");
        tree.WriteFile("a/d", "d");
        tree.WriteFile("e", "e");
        tree.WriteFile("f", "f");
        var options = new TreeWatcherOptions
        {
            Kinds = FileChangeKinds.Structure | FileChangeKinds.Moved | FileChangeKinds.Replaced,
        };
        await using TreeWatcher watcher = await TreeWatcher.StartAsync([tree.Path], options);
        Directory.Move(tree.At("a"), tree.At("x"));
        File.Move(tree.At("e"), tree.At("f"), overwrite: true);
        await watcher.SyncAsync();
        var told = new List<string>();
        while (watcher.Changes.TryRead(out FileChange change))
        {
            string line = $"{change.Kind} {change.OldPath} {change.Path}";
            told.Add(line.Replace(tree.Path + "/", "", StringComparison.Ordinal).Replace("  ", " "));
        }

        // Children before parents, siblings in any order.
        Assert.Equal("Ready", told[0].Split(' ')[0]);
        Assert.Equal(["Moved a/b x/b", "Moved a/b/c x/b/c", "Moved a/d x/d"], told[1..4].Order(StringComparer.Ordinal));
        Assert.True(told.IndexOf("Moved a/b/c x/b/c") < told.IndexOf("Moved a/b x/b"), string.Join(", ", told));
        Assert.Equal(["Renamed a x", "Replaced f", "Renamed e f"], told[4..]);
    }
}
