using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>
/// The first scan lists files without looking at them; that is made up for when the watcher is ready. What happens in
/// between is told like everything else.
/// </summary>
public sealed class FirstLookTests
{
    private const int FileCount = 4000;

    [Fact]
    public async Task A_rename_over_a_file_that_nobody_looked_at_is_a_rename()
    {
        using TempTree tree = TempTree.InMemory();
        for (int round = 0; round < 12; round++)
        {
            string root = MakeFiles(tree, $"r{round}");
            await using TreeWatcher watcher = await TreeWatcher.StartAsync(root);
            var reader = new MirrorReader();
            reader.Start(watcher.Snapshot());
            for (int i = 0; i < 40; i += 2)
            {
                int at = i * (FileCount / 40);
                File.Move($"{root}/{at}", $"{root}/{at + 1}", overwrite: true);
            }

            await CatchUpAsync(watcher, reader);
            Assert.Empty(reader.Faults);
            Assert.Equal(20, reader.Renames);
            Assert.DoesNotContain(
                reader.Changes, change => change.Kind is FileChangeKind.Deleted or FileChangeKind.Created);
            Assert.Empty(reader.DifferencesFrom(DiskWalk.Read(root)));
            Assert.Equal(0, watcher.Statistics.Repairs);
        }
    }

    [Fact]
    public async Task A_directory_with_many_files_is_looked_at_in_slices_while_it_changes()
    {
        using TempTree tree = TempTree.InMemory();
        string root = MakeFiles(tree, "root", 5);
        await using TreeWatcher watcher = await TreeWatcher.StartAsync(root);
        var reader = new MirrorReader();
        reader.Start(watcher.Snapshot());

        // Everywhere in it, so that the place where a slice ended is among them.
        for (int i = 0; i < FileCount * 5; i += 3)
        {
            if (i % 2 == 0)
            {
                File.Delete($"{root}/{i}");
            }
            else
            {
                File.Move($"{root}/{i}", $"{root}/m{i}");
            }
        }

        await CatchUpAsync(watcher, reader);
        Assert.Empty(reader.Faults);
        Assert.Empty(reader.DifferencesFrom(DiskWalk.Read(root)));
        await Eventually.TrueAsync(
            () => watcher.Snapshot().All(entry => entry.Type == EntryType.Directory || entry.SizeBytes == 1),
            "every file to be looked at");
        Assert.Equal(0, watcher.Statistics.Repairs);
    }

    private static string MakeFiles(TempTree tree, string name, int times = 1)
    {
        string root = tree.MakeDirectory(name);
        for (int i = 0; i < FileCount * times; i++)
        {
            File.WriteAllBytes($"{root}/{i}", [1]);
        }

        return root;
    }

    private static async Task CatchUpAsync(TreeWatcher watcher, MirrorReader reader)
    {
        await watcher.SyncAsync().WaitAsync(Eventually.DefaultTimeout);
        while (watcher.Changes.TryRead(out FileChange change))
        {
            reader.Apply(change);
        }
    }
}
