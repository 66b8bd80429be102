using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>What waits for a watcher when it is disposed is answered, whatever it was doing.</summary>
public sealed class DisposeTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20)]
    public async Task Calls_in_flight_end_with_the_watcher(int turns)
    {
        using TempTree tree = TempTree.InMemory();
        tree.WriteFile("root/a/b");
        for (int i = 0; i < 8; i++)
        {
            tree.WriteFile($"more{i}/d/e/f");
        }

        for (int round = 0; round < 10; round++)
        {
            TreeWatcher watcher = await TreeWatcher.StartAsync(tree.At("root"));
            var calls = new List<Task>();
            for (int i = 0; i < 8; i++)
            {
                calls.Add(watcher.AddAsync(tree.At($"more{i}")));
                calls.Add(watcher.SyncAsync());
                calls.Add(watcher.RemoveAsync(tree.At($"more{i}")));
            }

            Thread.SpinWait(turns * 1000 * round);
            Task disposing = watcher.DisposeAsync().AsTask();
            calls.Add(Refused(() => watcher.AddAsync(tree.Path)));
            calls.Add(Refused(() => watcher.SyncAsync()));
            calls.Add(Refused(() => watcher.RemoveAsync(tree.Path)));
            await disposing.WaitAsync(Eventually.DefaultTimeout);
            foreach (Task call in calls)
            {
                await EndsAsync(call);
            }
        }
    }

    [Fact]
    public async Task Calls_end_while_the_watcher_waits_for_a_reader_that_never_reads()
    {
        using TempTree tree = TempTree.InMemory();
        tree.MakeDirectory("root");

        // More than is sent at a time, so that the watcher waits in the middle of the call.
        for (int i = 0; i < 6000; i++)
        {
            tree.WriteFile($"big/{i % 10}/{i}");
        }

        var options = new TreeWatcherOptions { Capacity = 1 };
        TreeWatcher watcher = await TreeWatcher.StartAsync([tree.At("root")], options);
        Task adding = watcher.AddAsync(tree.At("big"));
        await Eventually.TrueAsync(() => watcher.Statistics.Changes > 4000, "the call to wait for the reader");
        Task[] waiting =
        [
            watcher.AddAsync(tree.At("other")), watcher.RemoveAsync(tree.At("root")), watcher.SyncAsync(),
        ];
        await watcher.DisposeAsync().AsTask().WaitAsync(Eventually.DefaultTimeout);
        foreach (Task call in waiting.Prepend(adding))
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => call.WaitAsync(Eventually.DefaultTimeout));
        }

        Assert.Equal(0, Descriptors.CountWatches(tree.Path));
    }

    private static async Task Refused(Func<Task> call) =>
        await Assert.ThrowsAsync<ObjectDisposedException>(call);

    private static async Task EndsAsync(Task call)
    {
        try
        {
            await call.WaitAsync(Eventually.DefaultTimeout);
        }
        catch (ObjectDisposedException)
        {
            // It came too late.
        }
    }
}
