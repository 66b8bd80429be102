using Vigil.Rings;

namespace Vigil.Native.Zbq.Tests;

/// <summary>What this implementation has besides: what begins with zbq and is not in the C API of zbq.</summary>
public sealed unsafe class ExtensionTests : ZbqTest
{
    [Fact]
    public void A_reservation_that_does_not_fit_before_the_end_is_at_the_start()
    {
        nint producer = NewProducer(4096);
        nint consumer = NewConsumer(producer);
        byte* start = Exports.Query(producer).Base;
        ulong first = Send(producer, 3000);
        Exports.Publish(consumer, 0);
        _ = Peek(consumer);
        Exports.Publish(consumer, first);
        ulong rest = 4096 - first;
        RingRun run = Exports.Reserve(producer, rest + 1);
        Assert.True(run.Base == start);
        Assert.Equal((4096UL, first), (run.Offset, run.MaxBytes));

        // The padding is committed, and no consumer of ours sees it.
        Assert.Equal(4096UL, Exports.AcquireHead(consumer));
        Assert.Equal(Exports.Again, PeekNothing(consumer));
        Assert.Equal(4096UL, Exports.Tail(consumer));
        *(RingMessageHeader*)run.Base = new RingMessageHeader { PayloadBytes = 5 };
        Assert.True(Exports.Commit(producer, 32, 0));
        Assert.Equal((4096UL, 5UL), (Peek(consumer).Offset, Peek(consumer).PayloadBytes));
    }

    [Theory]
    [InlineData(0UL, 4096UL)]
    [InlineData(1UL, 4096UL)]
    [InlineData(4096UL, 4096UL)]
    [InlineData(4097UL, 0UL)]
    [InlineData(ulong.MaxValue, 0UL)]
    [InlineData(ulong.MaxValue - 15, 0UL)]
    public void A_reservation_gives_at_least_what_it_was_asked_for_or_nothing(ulong bytes, ulong given)
    {
        nint producer = NewProducer(4096);
        Assert.Equal(given, Exports.Reserve(producer, bytes).MaxBytes);
        Assert.Equal(given > 0, Exports.Commit(producer, 4096, 0));
    }

    // It says all the time that it makes progress, and reads nothing: by its own word it is never hung.
    [Fact]
    public void A_consumer_in_the_way_is_evicted_after_the_slow_time_out_alone()
    {
        nint producer = NewProducer(4096);
        nint consumer = NewConsumer(producer);
        ulong first = Send(producer, 2000);
        _ = Peek(consumer);
        Exports.Publish(consumer, first);
        Assert.Equal(4096 - first, Send(producer, 2064)); // half of the ring, up to its end
        Assert.Equal(Exports.Invalid, Exports.SetSlowTimeout(0, 1));
        Assert.Equal(Exports.Ok, Exports.SetSlowTimeout(producer, 1_000_000));
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(Exports.Ok, Exports.Scan(producer));
        }

        Assert.Equal(0, Exports.Evicted(consumer));
        Eventually.True(
            () =>
            {
                Exports.Publish(consumer, Exports.Tail(consumer));
                return Exports.Reserve(producer, 3000).MaxBytes == 4096;
            },
            "the one that is in the way to be evicted");
        Assert.Equal((int)RingEvictionReason.TooSlow, Exports.Evicted(consumer));
    }

    [Fact]
    public void A_reservation_finds_nothing_while_there_is_too_much_to_read()
    {
        nint producer = NewProducer(4096);
        nint consumer = NewConsumer(producer);
        ulong bytes = Send(producer, 1000);
        _ = Send(producer, 1000);
        Assert.Equal(4096 - (2 * bytes), Exports.Reserve(producer, 1000).MaxBytes);
        Assert.Equal(0UL, Exports.Reserve(producer, 3000).MaxBytes);
        Assert.False(Exports.Commit(producer, 16, 0));
        _ = Peek(consumer);
        Exports.Publish(consumer, 2 * bytes);
        Assert.Equal(2 * bytes, Exports.Reserve(producer, 2 * bytes).MaxBytes); // at the start now
        Assert.Equal(4096UL, Exports.AcquireHead(consumer));
    }

    [Fact]
    public void A_batch_shows_all_up_to_the_head_and_leaves_them()
    {
        nint producer = NewProducer(4096);
        nint consumer = NewConsumer(producer);
        RingMessageView* views = stackalloc RingMessageView[64];
        uint count = 77;
        Assert.Equal(Exports.Again, Exports.PeekBatch(consumer, views, 64, &count));
        Assert.Equal(0u, count);

        int next = 0;
        for (int round = 0; round < 100; round++)
        {
            int first = next;
            for (int i = 0; i < 10; i++, next++)
            {
                RingRun run = Exports.Reserve(producer, (ulong)(next % 100) + 16);
                *(RingMessageHeader*)run.Base = new RingMessageHeader { PayloadBytes = (uint)next % 100 };
                Assert.True(run.MaxBytes > 0 && Exports.Commit(producer, (ulong)((next % 100) + 31) & ~15UL, 0));
            }

            Assert.Equal(Exports.Ok, Exports.PeekBatch(consumer, views, 3, &count));
            Assert.Equal(3u, count);
            Assert.Equal(Exports.Ok, Exports.PeekBatch(consumer, views, 64, &count));
            Assert.Equal(10u, count);
            for (int i = 0; i < 10; i++)
            {
                Assert.Equal((uint)((first + i) % 100), views[i].Header->PayloadBytes);
                Assert.Equal((ulong)((first + i) % 100), views[i].PayloadBytes);
            }

            Exports.Publish(consumer, views[9].Offset + views[9].TotalBytes);
            Assert.Equal(Exports.Again, Exports.PeekBatch(consumer, views, 64, &count));
        }
    }

    [Fact]
    public void A_batch_ends_before_what_is_no_message()
    {
        using var forged = new ForgedProducer();
        nint consumer = forged.Join();
        ((RingMessageHeader*)(forged.Ring + 32))->PayloadBytes = uint.MaxValue;
        forged.Control->Head = 64;
        RingMessageView* views = stackalloc RingMessageView[8];
        uint count = 77;
        Assert.Equal(Exports.Ok, Exports.PeekBatch(consumer, views, 8, &count));
        Assert.Equal(2u, count);
        Exports.Publish(consumer, views[1].Offset + views[1].TotalBytes);
        Assert.Equal(Exports.Protocol, Exports.PeekBatch(consumer, views, 8, &count));
        Assert.Equal(0u, count);
    }

    [Fact]
    public void A_batch_of_nothing_or_to_nowhere_is_invalid()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        _ = Send(producer);
        RingMessageView view;
        uint count = 77;
        Assert.Equal(Exports.Invalid, Exports.PeekBatch(consumer, &view, 0, &count));
        Assert.Equal(0u, count);
        Assert.Equal(Exports.Invalid, Exports.PeekBatch(consumer, &view, uint.MaxValue, &count));
        Assert.Equal(Exports.Invalid, Exports.PeekBatch(consumer, null, 1, &count));
        Assert.Equal(Exports.Invalid, Exports.PeekBatch(consumer, &view, 1, null));
        Assert.Equal(Exports.Ok, Exports.PeekBatch(consumer, &view, 1, &count));
        Assert.Equal(1u, count);
    }
}
