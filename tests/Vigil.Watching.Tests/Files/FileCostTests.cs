using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>What watching costs: watches, threads, memory.</summary>
[Collection(nameof(Alone))]
public sealed class FileCostTests
{
    [Fact]
    public void Ten_thousand_files_of_a_directory_cost_one_watch()
    {
        const int Files = 10_000;
        using TempTree tree = new();
        using var watcher = new FileWatcher<int>(capacity: Files);
        int before = Descriptors.CountWatches();

        // There already: one that is made, and then not closed for a moment, would be told twice.
        watcher.Add(tree.WriteFile("f0"), 0, out _);
        int one = Descriptors.CountWatches();
        for (int i = 1; i < Files; i++)
        {
            Assert.True(watcher.Add(tree.WriteFile($"f{i}"), i, out _));
        }

        Assert.Equal(Files, watcher.Count);
        Assert.Equal(1, Descriptors.CountWatches(tree.Path));
        Assert.Equal(one, Descriptors.CountWatches());
        // Those above it, which may be renamed, are watched, too; "/" may not.
        Assert.Equal(tree.Path.Split('/').Length - 1, one - before);
        ChildProcess.Shell($"i=0; while [ $i -lt {Files} ]; do echo > f$i; i=$((i+1)); done", tree.Path);
        for (int i = 0; i < Files; i++)
        {
            FileEvent<int> e = default;
            Eventually.True(() => watcher.Events.TryRead(out e), $"event {i}");
            Assert.Equal((FileEventKind.CloseWrite, i), (e.Kind, e.Tag));
        }

        for (int i = 0; i < Files; i++)
        {
            Assert.True(watcher.Remove(tree.At($"f{i}"), out int tag));
            Assert.Equal(i, tag);
        }

        Assert.Equal(before, Descriptors.CountWatches());
    }

    [Fact]
    public void A_directory_is_asked_for_no_more_than_what_is_watched_in_it()
    {
        using TempTree tree = new();
        tree.MakeDirectory("d/e");
        using var watcher = new FileWatcher<int>(1024, new FileWatcherOptions { Kinds = FileEventKinds.All });
        watcher.Add(tree.At("d/e/f"), 1, out _);
        uint above = Assert.Single(Descriptors.MasksOf(tree.At("d")));
        watcher.Add(tree.At("d/f"), 2, out _);
        watcher.Add(tree.At("d/g"), 3, out _);
        uint both = Assert.Single(Descriptors.MasksOf(tree.At("d")));
        Assert.Equal((uint)InotifyMask.Access, (both & ~above) & (uint)InotifyMask.Access);
        watcher.Remove(tree.At("d/f"), out _);
        Assert.Equal(both, Assert.Single(Descriptors.MasksOf(tree.At("d"))));
        watcher.Remove(tree.At("d/g"), out _);
        Assert.Equal(above, Assert.Single(Descriptors.MasksOf(tree.At("d"))));
        watcher.Remove(tree.At("d/e/f"), out _);
        Assert.Empty(Descriptors.MasksOf(tree.At("d")));
    }

    [Fact]
    public void A_watcher_has_one_instance_and_one_thread_and_gives_them_back()
    {
        int instances = Descriptors.CountInstances();
        int threads = Descriptors.CountThreads("vigil filewatch");
        for (int i = 0; i < 50; i++)
        {
            using TempTree tree = new();
            var watcher = new FileWatcher<int>(capacity: 1);
            watcher.Add(tree.At("a"), 1, out _);
            watcher.Add(tree.At("b/c"), 1, out _);
            tree.WriteFile("b/c");
            Assert.Equal(instances + 1, Descriptors.CountInstances());
            Assert.Equal(threads + 1, Descriptors.CountThreads("vigil filewatch"));
            watcher.Dispose();
            Assert.Equal(instances, Descriptors.CountInstances());
            Eventually.True(() => Descriptors.CountThreads("vigil filewatch") == threads, "the thread to be gone");
            Assert.Empty(Descriptors.OpenBelow(tree.Path));
        }
    }

    [Fact]
    public void An_event_allocates_nothing()
    {
        const int Events = 20_000;
        using TempTree tree = new();
        using var watcher = new FileWatcher<long>(capacity: 1024);
        watcher.Add(tree.At("a"), 1, out _);
        using ChildProcess writer = ChildProcess.Start(
            "sh",
            ["-c", "while :; do : >> a; : >> b; done"],
            tree.Path);
        Take(watcher, Events);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Take(watcher, Events);
        long allocatedBytes = GC.GetTotalAllocatedBytes(precise: true) - before;

        // An object is at least 24 bytes; the runtime itself may allocate some now and then.
        Assert.InRange(allocatedBytes, 0, 4 * Events);
    }

    [Fact]
    public void At_rest_the_thread_sleeps()
    {
        using TempTree tree = new();
        using FileLog log = new();
        log.Watch(tree.At("a/b/c"), "c");
        log.Watch(tree.WriteFile("d"), "d");
        tree.WriteFile("d", "x");
        log.Expect("CloseWrite d");
        log.ExpectNothingElse();
        string thread = Directory.GetDirectories("/proc/self/task")
            .Single(task => File.ReadAllText(task + "/comm").Trim() == "vigil filewatch");
        string before = "";
        long since = 0;
        Eventually.True(
            () =>
            {
                string now = Switches(thread);
                since = now == before ? since : Environment.TickCount64;
                before = now;
                return Environment.TickCount64 - since > 500;
            },
            "half a second without waking up");
    }

    private static string Switches(string thread) => File.ReadLines(thread + "/status")
        .Single(line => line.StartsWith("voluntary_ctxt_switches:", StringComparison.Ordinal));

    private static void Take(FileWatcher<long> watcher, int count)
    {
        long start = Environment.TickCount64;
        for (int i = 0; i < count;)
        {
            if (watcher.Events.TryRead(out FileEvent<long> e))
            {
                i += e.Kind == FileEventKind.CloseWrite ? 1 : 0;
            }
            else if (Environment.TickCount64 - start > Eventually.DefaultTimeout.TotalMilliseconds)
            {
                throw new TimeoutException($"event {i} of {count} did not come");
            }
        }
    }
}
