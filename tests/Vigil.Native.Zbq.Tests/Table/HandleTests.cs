using Vigil.Rings;

namespace Vigil.Native.Zbq.Tests;

/// <summary>What is no handle, or no more, is refused by every function; destroying it does nothing.</summary>
public sealed unsafe class HandleTests : ZbqTest
{
    [Fact]
    public void Null_is_refused_by_all() => ExpectRefusal(0, 0);

    [Fact]
    public void What_was_destroyed_is_refused_by_all()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        Exports.DestroyConsumer(consumer);
        Exports.DestroyProducer(producer);
        ExpectRefusal(producer, consumer);
        Exports.DestroyConsumer(consumer);
        Exports.DestroyProducer(producer);
        ExpectRefusal(producer, consumer);
    }

    [Fact]
    public void A_handle_of_the_other_kind_is_refused_by_all_and_survives()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        ExpectRefusal(consumer, producer);
        _ = Send(producer);
        Assert.Equal(48UL, Peek(consumer).PayloadBytes);
    }

    [Fact]
    public void Other_addresses_are_refused_by_all_unseen()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);

        // Memory that looks just like what the handles point to; what is not mapped; what is not aligned.
        Span<long> copies = [((long*)producer)[0], ((long*)producer)[1], ((long*)consumer)[0], ((long*)consumer)[1]];
        fixed (long* copy = copies)
        {
            ExpectRefusal((nint)copy, (nint)(copy + 2));
        }

        ExpectRefusal(1, 16);
        ExpectRefusal(-1, -16);
        ExpectRefusal(unchecked((nint)0x7fff_0000_0000), 0x10_0000);
        ExpectRefusal(producer + 8, consumer + 8);
        ExpectRefusal(producer + 1, consumer - 1);
        ExpectRefusal(Math.Max(producer, consumer) + 16, Math.Max(producer, consumer) + 16);
    }

    [Fact]
    public void A_handle_is_not_given_again_soon()
    {
        nint first = NewProducer(4096);
        Exports.DestroyProducer(first);
        for (int i = 0; i < 1000; i++)
        {
            nint next = NewProducer(4096);
            Assert.NotEqual(first, next);
            Exports.DestroyProducer(next);
        }
    }

    [Fact]
    public void Of_many_that_destroy_at_once_one_does()
    {
        for (int round = 0; round < 200; round++)
        {
            nint producer = NewProducer(4096);
            nint consumer = NewConsumer(producer);
            Parallel.For(0, 4, _ =>
            {
                Exports.DestroyConsumer(consumer);
                Exports.DestroyProducer(producer);
            });
            ExpectRefusal(producer, consumer);
        }
    }

    private void ExpectRefusal(nint producer, nint consumer)
    {
        RefusesProducer(producer);
        RefusesConsumer(consumer);
    }

    private void RefusesProducer(nint producer)
    {
        uint slot = 77;
        int descriptor = 0;
        Assert.Equal(Exports.Invalid, Exports.Handshake(producer, NewConnection().Ours, Exports.Push, &slot));
        Assert.Equal(77u, slot);
        foreach (RingRun run in new[] { Exports.Query(producer), Exports.Reserve(producer, 64) })
        {
            Assert.True(run is { Base: null, MaxBytes: 0, Offset: 0 });
        }

        Assert.False(Exports.Commit(producer, 0, 0));
        Assert.False(Exports.Commit(producer, 16, 1));
        Assert.Equal(0UL, Exports.NextSequenceId(producer));
        Assert.Equal(Exports.Invalid, Exports.Broadcast(producer, 1, &descriptor, 1));
        Assert.Equal(Exports.Ok, Exports.Broadcast(producer, 1, null, 0));
        Assert.Equal(Exports.Invalid, Exports.Scan(producer));
        Exports.DestroyProducer(producer);
    }

    private static void RefusesConsumer(nint consumer)
    {
        RingMessageView view;
        uint count = 77;
        int* descriptors = stackalloc int[Exports.MaxDescriptors];
        byte received = 77;
        Assert.False(Exports.IsProducerAlive(consumer));
        Assert.False(Exports.IsProducerConnected(consumer));
        Assert.Equal(0UL, Exports.AcquireHead(consumer));
        Assert.Equal(Exports.Invalid, PeekNothing(consumer));
        Assert.Equal(Exports.Invalid, Exports.PeekBatch(consumer, &view, 1, &count));
        Assert.Equal(0u, count);
        Assert.Equal(Exports.Invalid, Exports.Receive(consumer, 1, descriptors, &received));
        Assert.Equal(0, received);
        Exports.Publish(consumer, 16);
        Assert.Equal(0u, Exports.Token(consumer));
        Assert.Equal(Exports.Invalid, Exports.Wait(consumer, 0));
        Assert.Equal(Exports.Invalid, Exports.WaitFor(consumer, 0, 1));
        Assert.Equal(0UL, Exports.Tail(consumer));
        Assert.Equal(Exports.Invalid, Exports.Evicted(consumer));
        Assert.True(Exports.Control(consumer) is null);
        Assert.True(Exports.Page(consumer) is null);
        Exports.DestroyConsumer(consumer);
    }
}
