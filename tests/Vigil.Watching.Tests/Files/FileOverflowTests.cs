using System.Threading.Channels;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>Readers that are slow, and what the kernel's queue cannot hold.</summary>
[Collection(nameof(Alone))]
public sealed class FileOverflowTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16)]
    public async Task What_the_queue_cannot_hold_is_told_for_each_file(int capacity)
    {
        const int Queue = 64;
        using Sysctl? limit = Sysctl.TrySetMaxQueuedEvents(Queue);
        Assert.SkipUnless(limit is not null, "fs.inotify.max_queued_events may not be set here");
        using TempTree tree = new();
        await using var watcher = new FileWatcher<int>(capacity);
        for (int i = 0; i < 600; i++)
        {
            watcher.Add(i < 300 ? tree.WriteFile($"f{i}", "1") : tree.At($"f{i}"), i, out _);
        }

        // Nobody reads. A third is written, a third removed, a third is new.
        for (int i = 0; i < 200; i++)
        {
            tree.WriteFile($"f{i}", "22");
            tree.WriteFile($"f{i + 300}", "new");
            if (i < 100)
            {
                File.Delete(tree.At($"f{i + 200}"));
            }
        }

        Dictionary<int, FileEventKind> last = [];
        int overflows = 0;
        using var limited = new CancellationTokenSource(Eventually.DefaultTimeout);
        while (last.Count < 500)
        {
            FileEvent<int> e = await watcher.Events.ReadAsync(limited.Token);
            if (e.Kind == FileEventKind.Overflow)
            {
                overflows++;
                Assert.Contains($"fs.inotify.max_queued_events is {Queue}", e.Reason, StringComparison.Ordinal);
            }
            else
            {
                last[e.Tag] = e.Kind;
            }
        }

        Assert.InRange(overflows, 1, int.MaxValue);
        Assert.All(last, pair => Assert.Equal(
            pair.Key is >= 200 and < 300 ? FileEventKind.Delete : FileEventKind.CloseWrite, pair.Value));
        Assert.DoesNotContain(last.Keys, tag => tag >= 500);
    }

    [Fact]
    public void After_an_overflow_what_did_not_change_is_not_told()
    {
        using Sysctl? limit = Sysctl.TrySetMaxQueuedEvents(16);
        Assert.SkipUnless(limit is not null, "fs.inotify.max_queued_events may not be set here");
        using TempTree tree = new();
        using FileLog log = new(FileEventKinds.All, capacity: 1);
        tree.WriteFile("a", "1");
        log.Watch(tree.At("a"), "a");
        // Longer ago than a tick of the clock: what was just written might hide a second write, and is told once more.
        File.SetLastWriteTimeUtc(tree.WriteFile("still", "1"), DateTime.UtcNow.AddSeconds(-1));
        log.Watch(tree.At("still"), "still");
        for (int i = 0; i < 200; i++)
        {
            tree.WriteFile("a", $"{i}");
            tree.WriteFile($"unrelated{i}");
        }

        Eventually.True(() => log.Next("the overflow").Kind == FileEventKind.Overflow, "the overflow");
        FileEvent<string?> e;
        do
        {
            e = log.Next("the file that was written");
            Assert.Equal("a", e.Tag);
        }
        while (e.Kind != FileEventKind.CloseWrite || !e.IsInferred);

        Assert.DoesNotContain(log.Rest(), line => line.EndsWith("still", StringComparison.Ordinal));
    }

    [Fact]
    public void While_the_channel_is_full_the_kernel_keeps_the_rest_and_all_come_in_order()
    {
        using TempTree tree = new();
        using var watcher = new FileWatcher<int>(capacity: 4);

        // All there already: one that is made, and then not closed for a moment, would be told twice.
        for (int i = 0; i < 2000; i++)
        {
            tree.WriteFile($"f{i}");
        }

        for (int i = 0; i < 2000; i++)
        {
            watcher.Add(tree.At($"f{i}"), i, out _);
        }

        for (int i = 0; i < 2000; i++)
        {
            tree.WriteFile($"f{i}", "new");
        }

        // Adding and removing does not wait for the reader.
        Assert.True(watcher.Add(tree.At("more"), -1, out _));
        Assert.True(watcher.Remove(tree.At("more"), out _));
        for (int i = 0; i < 2000; i++)
        {
            FileEvent<int> e = default;
            Eventually.True(() => watcher.Events.TryRead(out e), $"event {i}");
            Assert.Equal((FileEventKind.CloseWrite, i), (e.Kind, e.Tag));
        }
    }

    [Fact]
    public async Task Without_a_buffer_each_event_waits_for_its_reader()
    {
        using TempTree tree = new();
        await using var watcher = new FileWatcher<int>(capacity: 0);
        ChannelReader<FileEvent<int>> events = watcher.Events;
        watcher.Add(tree.At("a"), 1, out _);
        for (int i = 0; i < 100; i++)
        {
            tree.WriteFile("a", $"{i}");
            Assert.Equal(FileEventKind.CloseWrite, (await events.ReadAsync()).Kind);
            File.Delete(tree.At("a"));
            Assert.True(await events.WaitToReadAsync());
            Assert.True(events.TryRead(out FileEvent<int> e));
            Assert.Equal(FileEventKind.Delete, e.Kind);
        }
    }

    [Fact]
    public void An_event_in_the_channel_has_the_value_of_its_time()
    {
        using TempTree tree = new();
        using var watcher = new FileWatcher<string>(capacity: 8);
        watcher.Add(tree.At("a"), "old", out _);
        tree.WriteFile("a");
        Eventually.True(() => watcher.Events.Count == 1, "the event to be in the channel");
        watcher.Add(tree.At("a"), "new", out _);
        File.Delete(tree.At("a"));
        Eventually.True(() => watcher.Events.Count == 2, "the event to be in the channel");
        watcher.Remove(tree.At("a"), out _);
        Assert.True(watcher.Events.TryRead(out FileEvent<string> first));
        Assert.True(watcher.Events.TryRead(out FileEvent<string> second));
        Assert.Equal(("old", "new"), (first.Tag, second.Tag));
    }
}
