using Vigil.Rings;

namespace Vigil.Native.Zbq.Tests;

/// <summary>zbq_producer_scan, and zbq_consumer_evicted of those it finds.</summary>
public sealed unsafe class ScanTests : ZbqTest
{
    private const ulong StallNs = 50_000_000;

    [Fact]
    public void With_nobody_to_look_at_it_is_done()
    {
        nint producer = NewProducer();
        Assert.Equal(Exports.Ok, Exports.Scan(producer));
        Assert.Equal(Exports.Ok, Exports.Scan(producer));
    }

    [Fact]
    public void Who_reads_stays_and_who_left_gives_its_slot_back()
    {
        nint producer = NewProducer(maxConsumers: 2);
        nint gone = NewConsumer(producer);
        nint stays = NewConsumer(producer);
        Exports.DestroyConsumer(gone);
        string[] before = OpenDescriptors.All;
        Assert.Equal(Exports.Ok, Exports.Scan(producer));
        Assert.Equal(before.Length - 1, OpenDescriptors.All.Length); // its side socket
        Assert.Equal(Exports.Ok, Exports.Scan(producer));
        Assert.Equal(0, Exports.Evicted(stays));
        _ = NewConsumer(producer, Exports.Push, out uint slot);
        Assert.Equal(0u, slot);
    }

    [Fact]
    public void Who_makes_no_progress_for_the_stall_timeout_is_evicted_and_who_does_stays()
    {
        nint producer = NewProducer(stallTimeoutNs: StallNs);
        nint hung = NewConsumer(producer);
        nint reads = NewConsumer(producer);
        ulong bytes = Send(producer);
        Eventually.True(
            () =>
            {
                // One message to read at every scan, and it reads it; nothing else is ever looked at.
                _ = Exports.AcquireHead(reads);
                Exports.Publish(reads, bytes);
                Assert.Equal(Exports.Ok, Exports.Scan(producer));
                return Exports.Evicted(hung) != 0;
            },
            "the consumer that does not read to be evicted");
        Assert.Equal((int)RingEvictionReason.Stalled, Exports.Evicted(hung));
        Assert.Equal(0, Exports.Evicted(reads));
        Assert.Equal(Exports.Overflow, PeekNothing(hung));
        Assert.False(Exports.IsProducerConnected(hung));
        Assert.True(Exports.IsProducerConnected(reads));
    }

    [Fact]
    public void Who_has_nothing_to_read_is_never_hung_nor_who_says_that_it_works()
    {
        nint producer = NewProducer(stallTimeoutNs: StallNs);
        nint hung = NewConsumer(producer);
        _ = Send(producer);
        nint idle = NewConsumer(producer);
        nint works = NewConsumer(producer);
        ulong seen = Send(producer);
        _ = Exports.AcquireHead(idle);
        Exports.Publish(idle, 2 * seen);
        Eventually.True(
            () =>
            {
                Exports.Publish(works, Exports.Tail(works)); // notes the time, and nothing else
                Assert.Equal(Exports.Ok, Exports.Scan(producer));
                return Exports.Evicted(hung) != 0;
            },
            "the consumer that does not read to be evicted");
        Assert.Equal((0, 0), (Exports.Evicted(idle), Exports.Evicted(works)));
    }

    [Fact]
    public void A_time_to_come_is_not_believed()
    {
        nint producer = NewProducer(stallTimeoutNs: StallNs);
        nint hung = NewConsumer(producer);
        Exports.Page(hung)->ProgressNs = ulong.MaxValue / 2;
        _ = Send(producer);
        Eventually.True(
            () => Exports.Scan(producer) == Exports.Ok && Exports.Evicted(hung) == (int)RingEvictionReason.Stalled,
            "the consumer that writes times to come to be evicted");
    }

    [Fact]
    public void A_timeout_of_zero_evicts_nobody_for_being_slow()
    {
        nint producer = NewProducer(stallTimeoutNs: 0);
        nint slow = NewConsumer(producer);
        nint other = NewProducer(stallTimeoutNs: StallNs);
        nint hung = NewConsumer(other);
        _ = Send(producer);
        _ = Send(other);
        Eventually.True(
            () =>
            {
                Assert.Equal(Exports.Ok, Exports.Scan(producer));
                Assert.Equal(Exports.Ok, Exports.Scan(other));
                return Exports.Evicted(hung) != 0;
            },
            "the one with a time-out to be evicted");
        Assert.Equal(0, Exports.Evicted(slow));
        Assert.Equal(48UL, Peek(slow).PayloadBytes);
    }

    [Theory]
    [InlineData(8)] // not aligned
    [InlineData(1)]
    [InlineData(65)]
    [InlineData(0)] // before what it published
    [InlineData(256)] // beyond the head
    [InlineData(1 << 20)]
    [InlineData(-16)]
    public void A_tail_that_cannot_be_is_corrupt(long tail)
    {
        nint producer = NewProducer(maxConsumers: 1);
        nint consumer = NewConsumer(producer);
        ulong bytes = Send(producer) + Send(producer);
        _ = Peek(consumer);
        Exports.Publish(consumer, bytes / 2);
        Assert.Equal(Exports.Ok, Exports.Scan(producer));
        Assert.Equal(0, Exports.Evicted(consumer));
        Exports.Page(consumer)->Tail = (ulong)tail;
        Assert.Equal(Exports.Ok, Exports.Scan(producer));
        Assert.Equal((int)RingEvictionReason.Corrupt, Exports.Evicted(consumer));
        Assert.Equal(Exports.Ok, Exports.Scan(producer));
        _ = NewConsumer(producer);
    }

    [Fact]
    public void Who_was_evicted_can_leave_and_join_again()
    {
        nint producer = NewProducer(maxConsumers: 1);
        nint evicted = NewConsumer(producer);
        Exports.Page(evicted)->Tail = 3;
        Assert.Equal(Exports.Ok, Exports.Scan(producer));
        nint again = NewConsumer(producer);
        Exports.DestroyConsumer(evicted);
        _ = Send(producer);
        Assert.Equal(48UL, Peek(again).PayloadBytes);
    }
}
