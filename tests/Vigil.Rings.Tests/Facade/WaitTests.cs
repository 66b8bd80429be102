namespace Vigil.Rings.Tests;

/// <summary>Waiting for messages, with and without a thread.</summary>
public sealed class WaitTests
{
    [Fact]
    public async Task A_wait_ends_when_something_is_written()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        for (int i = 0; i < 1000; i++)
        {
            ValueTask<bool> wait = consumer.WaitAsync();
            Assert.False(wait.IsCompleted);
            Assert.True(pair.Producer.TryWrite("x"u8));
            Assert.True(await wait);
            Assert.Equal(["x"], Pair.Read(consumer));
        }
    }

    [Fact]
    public async Task A_wait_for_what_is_there_is_over_at_once()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        Assert.True(pair.Producer.TryWrite("x"u8));
        ValueTask<bool> wait = consumer.WaitAsync();
        Assert.True(wait.IsCompleted);
        Assert.True(await wait);
        Assert.True(consumer.Wait());
    }

    // More than futex_waitv can wait for at once, so several threads share them; and each is woken by its own ring.
    [Fact]
    public async Task Three_hundred_consumers_wait_without_a_thread_each()
    {
        var pairs = Enumerable.Range(0, 300).Select(_ => new Pair()).ToList();
        try
        {
            int before = ThreadCount();
            var waits = pairs.Select(pair => (pair, Wait: pair.Join().WaitAsync().AsTask())).ToList();
            Assert.InRange(ThreadCount() - before, 0, 20);
            foreach ((Pair pair, Task<bool> wait) in waits.AsEnumerable().Reverse())
            {
                Assert.False(wait.IsCompleted);
                Assert.True(pair.Producer.TryWrite("x"u8));
                Assert.True(await wait);
            }
        }
        finally
        {
            pairs.ForEach(pair => pair.Dispose());
        }
    }

    [Fact]
    public async Task A_cancelled_wait_can_be_begun_again()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        for (int i = 0; i < 100; i++)
        {
            using var cancel = new CancellationTokenSource();
            ValueTask<bool> wait = consumer.WaitAsync(cancel.Token);
            await cancel.CancelAsync();
            await Assert.ThrowsAsync<OperationCanceledException>(async () => await wait);
        }

        Assert.True(pair.Producer.TryWrite("x"u8));
        Assert.True(await consumer.WaitAsync());
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        Assert.NotEmpty(Pair.Read(consumer));
        Assert.Throws<OperationCanceledException>(() => consumer.Wait(cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await consumer.WaitAsync(cancelled.Token));
    }

    [Fact]
    public async Task A_blocked_wait_is_ended_by_cancellation_by_a_message_and_by_disposal()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        using var cancel = new CancellationTokenSource();
        Task<bool> wait = Task.Run(() => consumer.Wait(cancel.Token));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);

        wait = Task.Run(() => consumer.Wait());
        Assert.True(pair.Producer.TryWrite("x"u8));
        Assert.True(await wait);
        Assert.NotEmpty(Pair.Read(consumer));

        wait = Task.Run(() => consumer.Wait());
        consumer.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => wait);
    }

    [Fact]
    public async Task The_end_of_the_producer_ends_every_wait()
    {
        using var pair = new Pair();
        RingConsumer blocked = pair.Join(), waiting = pair.Join();
        Task<bool> wait = Task.Run(() => blocked.Wait());
        ValueTask<bool> other = waiting.WaitAsync();
        pair.Producer.Dispose();
        Assert.False(await wait);
        Assert.False(await other);
        Assert.False(await waiting.WaitAsync());
        Assert.False(waiting.IsProducerConnected);
        Assert.True(waiting.IsProducerAlive);
    }

    [Fact]
    public async Task The_disposal_of_a_consumer_ends_its_wait()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        ValueTask<bool> wait = consumer.WaitAsync();
        consumer.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await wait);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await consumer.WaitAsync());
    }

    [Fact]
    public async Task A_consumer_that_stalls_is_evicted_and_learns_it()
    {
        using var pair = new Pair(stall: TimeSpan.FromMilliseconds(20));
        RingConsumer reads = pair.Join(), stalls = pair.Join(), waits = pair.Join();
        ValueTask<bool> wait = waits.WaitAsync();
        Assert.True(pair.Producer.TryWrite("x"u8));
        Assert.True(await wait);
        Assert.NotEmpty(Pair.Read(waits));
        Assert.NotEmpty(Pair.Read(reads));
        Eventually.True(
            () =>
            {
                pair.Producer.Scan();
                return stalls.Evicted == RingEvictionReason.Stalled;
            },
            "the one that does not read to be evicted");
        Assert.Throws<RingEvictedException>(() => Pair.Read(stalls));
        Assert.Throws<RingEvictedException>(() => stalls.Wait());
        await Assert.ThrowsAsync<RingEvictedException>(async () => await stalls.WaitAsync());
        Assert.Equal([0u, 2u], pair.Producer.GetConsumers().Select(c => c.Slot));
        Assert.True(pair.Producer.Evictions.TryRead(out RingEviction eviction));
        Assert.Equal((1u, RingEvictionReason.Stalled, 32ul), (eviction.Slot, eviction.Reason, eviction.UnreadBytes));
    }

    [Fact]
    public void Who_was_idle_for_long_is_not_evicted_for_the_first_message_after_that()
    {
        using var pair = new Pair(stall: TimeSpan.FromSeconds(1));
        RingConsumer consumer = pair.Join();
        Assert.True(pair.Producer.TryWrite("x"u8));
        Assert.NotEmpty(Pair.Read(consumer));
        long idleSince = Environment.TickCount64;
        Eventually.True(() => Environment.TickCount64 - idleSince > 1100, "the stall time-out to be over");
        Assert.True(pair.Producer.TryWrite("y"u8));
        pair.Producer.Scan();
        pair.Producer.Scan();
        Assert.Equal(["y"], Pair.Read(consumer));
    }

    [Fact]
    public async Task In_pull_mode_nobody_waits()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join(RingWakeMode.Pull);
        Assert.Throws<InvalidOperationException>(() => consumer.Wait());
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await consumer.WaitAsync());
        Assert.True(pair.Producer.TryWrite("x"u8));
        Assert.Equal(["x"], Pair.Read(consumer));
        Assert.Equal(0, pair.Producer.Statistics.Wakes);
    }

    [Fact]
    public async Task A_wait_is_one_at_a_time()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        ValueTask<bool> wait = consumer.WaitAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await consumer.WaitAsync());
        Assert.Throws<InvalidOperationException>(() => consumer.Wait());
        Assert.Throws<InvalidOperationException>(() => Pair.Read(consumer));
        Assert.False(wait.IsCompleted);
        Assert.True(pair.Producer.TryWrite("x"u8));
        Assert.True(await wait);
        Assert.Equal(["x"], Pair.Read(consumer));
    }

    private static int ThreadCount() => Directory.GetDirectories("/proc/self/task").Length;
}
