using System.Diagnostics;
using Vigil.Platform.Linux;

namespace Vigil.Rings.Tests;

/// <summary>Ends that come at an awkward moment: everybody learns of them all the same.</summary>
public sealed class EndTests : IDisposable
{
    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public async Task A_producer_that_is_disposed_with_something_reserved_ends_its_ring_and_publishes_nothing()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        ValueTask<bool> wait = consumer.WaitAsync();
        Assert.True(pair.Producer.TryReserve(5, out Span<byte> payload));
        pair.Producer.Dispose();
        payload.Fill(1); // The room is still there.
        Assert.Throws<ObjectDisposedException>(() => pair.Producer.TryReserve(5, out _));
        Assert.Throws<ObjectDisposedException>(pair.Producer.Commit);
        Assert.Throws<ObjectDisposedException>(pair.Producer.Discard);
        Assert.False(await wait);
        Assert.Empty(Pair.Read(consumer));
    }

    // The waiter's sleep is ended early by the ring that is busy, all the time.
    [Fact]
    public async Task The_end_of_a_killed_producer_is_seen_while_another_ring_is_busy()
    {
        using var busy = new Pair();
        RingConsumer reader = busy.Join();
        using var stop = new CancellationTokenSource();
        Task noise = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                ValueTask<bool> wait = reader.WaitAsync();
                Assert.True(busy.Producer.TryWrite("x"u8));
                Assert.True(await wait);
                Assert.NotEmpty(Pair.Read(reader));
            }
        });

        // Who was killed changes no word: only its process and its socket are gone.
        string path = _tree.At("victim");
        using HostProcess victim = HostProcess.Start("mortal");
        _ = victim.Ask($"go {path}", "listening");
        using RingConsumer consumer = await RingConsumer.JoinAsync(path);
        Task<bool> wait = consumer.WaitAsync().AsTask();
        Assert.False(wait.IsCompleted);
        victim.Send(Signal.SIGKILL);
        Assert.False(await wait.WaitAsync(TimeSpan.FromSeconds(20)));

        await stop.CancelAsync();
        await noise;
    }

    [Fact]
    public async Task While_a_door_is_open_consumers_that_leave_are_taken_out_at_once()
    {
        using var producer = RingProducer.Create();
        using RingListener door = producer.Listen(_tree.At("door"));
        RingConsumer consumer = await RingConsumer.JoinAsync(door.Path);
        Eventually.True(() => producer.GetConsumers().Length == 1, "the consumer to be in");
        consumer.Dispose();
        Eventually.True(() => producer.GetConsumers().Length == 0, "the consumer to be out");
        RingEviction eviction = default;
        Eventually.True(() => producer.Evictions.TryRead(out eviction), "the eviction to be told");
        Assert.Equal(RingEvictionReason.Gone, eviction.Reason);
    }

    [Fact]
    public async Task Who_joins_a_door_that_nobody_opens_gives_up_in_time()
    {
        using UnixSocket closed = UnixSocket.Listen(_tree.At("door"));
        var options = new RingConsumerOptions { JoinTimeout = TimeSpan.FromMilliseconds(50) };
        RingException none = await Assert.ThrowsAsync<RingException>(
            () => RingConsumer.JoinAsync(_tree.At("door"), options));
        Assert.Equal(RingStatus.Again, none.Status);

        // Until as many wait as can: then even to connect is not possible.
        List<UnixSocket> waiting = [];
        while (UnixSocket.TryConnect(_tree.At("door"), out _) is { } connection)
        {
            waiting.Add(connection);
        }

        VigilException full = await Assert.ThrowsAsync<VigilException>(
            () => RingConsumer.JoinAsync(_tree.At("door"), options));
        Assert.Equal("EAGAIN", full.ErrnoName);
        using var cancel = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => RingConsumer.JoinAsync(_tree.At("door"), cancel.Token));
        using var producer = RingProducer.Create();
        Assert.Equal("EADDRINUSE", Assert.Throws<VigilException>(() => producer.Listen(_tree.At("door"))).ErrnoName);
        waiting.ForEach(connection => connection.Dispose());
    }

    // Whatever it says, after eight time-outs without a step it counts as hung.
    [Fact]
    public unsafe void A_consumer_that_only_says_that_it_makes_progress_is_not_believed_for_ever()
    {
        using var pair = new Pair(stall: TimeSpan.FromMilliseconds(20));
        RingConsumer consumer = pair.Join();
        Assert.True(pair.Producer.TryWrite("x"u8));
        long start = Stopwatch.GetTimestamp();
        Eventually.True(
            () =>
            {
                Assert.True(consumer.Raw.Publish(consumer.Raw.Tail));
                pair.Producer.Scan();
                return consumer.Evicted == RingEvictionReason.Stalled;
            },
            "the one that only talks to be evicted");
        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(150));
    }

    [Fact]
    public void The_mode_of_a_door_is_what_was_asked_for()
    {
        using var producer = RingProducer.Create();
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite;
        using RingListener door = producer.Listen(_tree.At("door"), new RingListenOptions { Permissions = Mode });
        Assert.Equal(Mode, File.GetUnixFileMode(door.Path));
    }
}
