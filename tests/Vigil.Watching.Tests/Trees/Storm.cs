using System.Globalization;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>
/// One storm over one tree: several processes change it, a reader follows the changes, and in the end what the reader
/// holds is compared with the disk. Everything but the timing follows from the seed.
/// </summary>
internal sealed class Storm
{
    private const int PreparingOperations = 200;

    /// <summary>How the tree is watched.</summary>
    internal required Func<TreeWatcherOptions> Options { get; init; }

    /// <summary>Operations of all processes together.</summary>
    internal int Operations { get; init; } = 2000;

    /// <summary>Whether the snapshot is taken in the middle of the storm, not before it.</summary>
    internal bool SnapshotInside { get; init; }

    /// <summary>
    /// What the disk has and the mirror has not, as ignored: the root's path gives the question of the walk.
    /// </summary>
    internal Func<string, Func<string, bool, bool>?> LeftOut { get; init; } = _ => null;

    /// <summary>Called before each change that is read, to hold the reader up; until the storm is over.</summary>
    internal Action? HoldUp { get; init; }

    /// <summary>Called with the root before anything is in it.</summary>
    internal Action<string>? Prepare { get; init; }

    /// <summary>Runs it.</summary>
    /// <returns>What the reader saw, and the watcher's counters.</returns>
    internal async Task<StormResult> RunAsync(StormCrew crew, Random random)
    {
        using TempTree tree = random.Next(2) == 0 ? TempTree.InMemory() : new TempTree();
        string root = tree.MakeDirectory("root");
        string outside = tree.MakeDirectory("outside");
        int seed = random.Next();
        Prepare?.Invoke(root);
        await crew.RunAloneAsync(seed, PreparingOperations, root, outside);

        TreeWatcherOptions options = Options();
        await using TreeWatcher watcher = await TreeWatcher.StartAsync([root], options);
        var reader = new MirrorReader();
        Task<int>? storm = SnapshotInside ? crew.RunAsync(seed, Operations, root, outside) : null;
        if (!options.ReportInitial)
        {
            reader.Start(watcher.Snapshot());
        }

        storm ??= crew.RunAsync(seed, Operations, root, outside);
        bool isOver = false;
        Action? holdUp = HoldUp is null ? null : () =>
        {
            if (!Volatile.Read(ref isOver))
            {
                HoldUp();
            }
        };
        Task reading = Task.Run(() => reader.ReadAsync(watcher, holdUp));
        await storm;
        Volatile.Write(ref isOver, true);
        await CatchUpAsync(watcher, reader, reading);
        TreeWatcherStatistics statistics = watcher.Statistics;
        List<string> wrong = [.. reader.Faults, .. reader.DifferencesFrom(DiskWalk.Read(root, LeftOut(root)))];
        List<string> inside = WrongInSnapshot(watcher, root);
        await watcher.DisposeAsync();
        await reading;
        Expect([.. wrong, .. inside], reader, statistics, root);
        return new StormResult(reader, statistics);
    }

    private static async Task CatchUpAsync(TreeWatcher watcher, MirrorReader reader, Task reading)
    {
        try
        {
            await watcher.SyncAsync().WaitAsync(Eventually.DefaultTimeout);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"SyncAsync did not end: {watcher.Statistics}");
        }

        long last = watcher.Statistics.Changes;
        await Eventually.TrueAsync(
            () => reader.LastSequence >= last || reading.IsCompleted, "the reader to read what was told");
    }

    private List<string> WrongInSnapshot(TreeWatcher watcher, string root)
    {
        var reader = new MirrorReader();
        reader.Start(watcher.Snapshot());
        return [.. reader.DifferencesFrom(DiskWalk.Read(root, LeftOut(root))).Select(line => "snapshot: " + line)];
    }

    private static void Expect(List<string> wrong, MirrorReader reader, TreeWatcherStatistics statistics, string root)
    {
        if (wrong.Count == 0)
        {
            return;
        }

        string log = Path.Combine(Path.GetTempPath(), Path.GetFileName(Path.GetDirectoryName(root)!) + ".changes.txt");
        File.WriteAllLines(log, reader.Log());
        string first = string.Join("\n  ", wrong.Take(12));
        Assert.Fail(string.Create(
            CultureInfo.InvariantCulture,
            $"{wrong.Count} things are wrong, the changes are in {log}; {statistics}\n  {first}"));
    }
}
