using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>Everything from every thread, while events flow.</summary>
[Collection(nameof(Alone))]
public sealed class FileThreadTests
{
    [Fact]
    public async Task Disposing_completes_the_channel_and_may_be_repeated_from_everywhere()
    {
        using TempTree tree = new();
        var watcher = new FileWatcher<int>(capacity: 8);
        watcher.Add(tree.At("a"), 1, out _);
        tree.WriteFile("a");
        Eventually.True(() => watcher.Events.Count == 1, "the event to be in the channel");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            if (i % 2 == 0)
            {
                watcher.Dispose();
            }
            else
            {
                await watcher.DisposeAsync();
            }
        })));
        watcher.Dispose();
        await watcher.DisposeAsync();

        // What was in the channel can still be read; then it is at its end.
        Assert.True(await watcher.Events.WaitToReadAsync());
        Assert.True(watcher.Events.TryRead(out _));
        await watcher.Events.Completion.WaitAsync(Eventually.DefaultTimeout);
        Assert.Throws<ObjectDisposedException>(() => watcher.Add(tree.At("b"), 1, out _));
        Assert.Throws<ObjectDisposedException>(() => watcher.Remove(tree.At("a"), out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Events_come_also_where_the_thread_pool_has_no_thread_left(int capacity)
    {
        using TempTree tree = new();
        using var over = new ManualResetEventSlim();
        Task[] blocked = [.. Enumerable.Range(0, 100).Select(_ => Task.Run(() => over.Wait()))];
        try
        {
            using var watcher = new FileWatcher<int>(capacity);
            for (int i = 0; i < 20; i++)
            {
                watcher.Add(tree.At($"{i}"), i, out _);
                tree.WriteFile($"{i}");
            }

            for (int i = 0; i < 20; i++)
            {
                FileEvent<int> e = default;
                Eventually.True(() => watcher.Events.TryRead(out e), $"event {i}");
                Assert.Equal(i, e.Tag);
            }
        }
        finally
        {
            over.Set();
            await Task.WhenAll(blocked);
        }
    }

    [Fact]
    public async Task The_loop_that_reads_may_dispose()
    {
        using TempTree tree = new();
        var watcher = new FileWatcher<int>(capacity: 1);
        watcher.Add(tree.At("a"), 1, out _);
        int count = 0;
        Task reading = Task.Run(async () =>
        {
            await foreach (FileEvent<int> e in watcher.ReadAllAsync())
            {
                count++;
                watcher.Dispose();
            }
        });
        for (int i = 0; i < 100; i++)
        {
            tree.WriteFile("a", "x");
        }

        await reading.WaitAsync(Eventually.DefaultTimeout);
        Assert.InRange(count, 1, 2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Disposing_does_not_wait_for_a_reader(int capacity)
    {
        using TempTree tree = new();
        var watcher = new FileWatcher<int>(capacity);
        watcher.Add(tree.At("a"), 1, out _);
        for (int i = 0; i < 100; i++)
        {
            tree.WriteFile("a", "x");
        }

        Eventually.True(() => watcher.Events.Count == 1, "the channel to be full");
        watcher.Dispose();
        Assert.True(watcher.Events.TryRead(out _));
        Assert.True(watcher.Events.Completion.IsCompleted);
    }

    [Fact]
    public async Task A_cancelled_reader_leaves_the_watcher_going()
    {
        using TempTree tree = new();
        await using var watcher = new FileWatcher<int>(capacity: 1);
        watcher.Add(tree.At("a"), 1, out _);
        using var cancellation = new CancellationTokenSource();
        Task reading = Task.Run(async () =>
        {
            await foreach (FileEvent<int> e in watcher.ReadAllAsync(cancellation.Token))
            {
                await cancellation.CancelAsync();
            }
        });
        tree.WriteFile("a");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => reading.WaitAsync(Eventually.DefaultTimeout));
        File.Delete(tree.At("a"));
        Assert.Equal(FileEventKind.Delete, (await watcher.Events.ReadAsync()).Kind);
    }

    [Fact]
    public async Task Adding_and_removing_while_events_flow()
    {
        using TempTree tree = new();
        await using var watcher = new FileWatcher<int>(capacity: 16);
        using var stop = new CancellationTokenSource();
        Task reading = Task.Run(async () =>
        {
            await foreach (FileEvent<int> e in watcher.ReadAllAsync())
            {
                Assert.False(e.IsNotice, e.ToString());
                Assert.EndsWith($"/f{e.Tag}", e.Path, StringComparison.Ordinal);
            }
        });
        for (int i = 0; i < 4; i++)
        {
            tree.MakeDirectory($"d{i}");
        }

        Task[] writers = [.. Enumerable.Range(0, 2).Select(w => Task.Run(() =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                string path = tree.WriteFile($"d{w + (2 * (i % 2))}/f{i % 50}", "x");
                if (i % 3 == 0)
                {
                    File.Delete(path);
                }
            }
        }))];
        Task[] changers = [.. Enumerable.Range(0, 4).Select(w => Task.Run(() =>
        {
            for (int i = 0; i < 3000; i++)
            {
                string path = tree.At($"d{w}/f{i % 50}");
                Assert.True(watcher.Add(path, i % 50, out _));
                if (i % 7 == 0)
                {
                    Assert.False(watcher.Add(path, i % 50, out int previous));
                    Assert.Equal(i % 50, previous);
                }

                Assert.True(watcher.Remove(path, out int tag));
                Assert.Equal(i % 50, tag);
            }
        }))];
        await Task.WhenAll(changers).WaitAsync(Eventually.DefaultTimeout * 4);
        await stop.CancelAsync();
        await Task.WhenAll(writers);
        Assert.Equal(0, watcher.Count);
        Assert.Equal(0, Descriptors.CountWatches(tree.Path));

        // It still works.
        watcher.Add(tree.At("d0/f7"), 7, out _);
        watcher.Dispose();
        await reading.WaitAsync(Eventually.DefaultTimeout);
    }
}
