using Vigil.Rings;

namespace Vigil.Native.Zbq.Tests;

/// <summary>zbq_consumer_peek, _publish, _acquire_head, _tail, _ctrl and _meta.</summary>
public sealed unsafe class ReadTests : ZbqTest
{
    [Fact]
    public void Null_is_invalid()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        Assert.Equal(Exports.Invalid, Exports.Peek(consumer, null));
        _ = Send(producer);
        Assert.Equal(Exports.Invalid, Exports.Peek(consumer, null));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(48)]
    [InlineData(4000)]
    [InlineData(65536 - 16)]
    public void A_message_is_seen_where_it_lies_as_often_as_one_looks(int payloadBytes)
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        Assert.Equal(Exports.Again, PeekNothing(consumer));
        _ = Send(producer, payloadBytes, new RingMessageHeader { DescriptorCount = 3, Flags = 5, SequenceId = 99 });
        for (int i = 0; i < 3; i++)
        {
            RingMessageView view = Peek(consumer);
            Assert.Equal((0UL, (ulong)payloadBytes), (view.Offset, view.PayloadBytes));
            Assert.Equal((ulong)payloadBytes + 16, view.TotalBytes);
            Assert.True(view.Payload == (byte*)view.Header + 16);
            Assert.Equal((uint)payloadBytes, view.Header->PayloadBytes);
            Assert.Equal((3, 5, 99UL), (view.Header->DescriptorCount, view.Header->Flags, view.Header->SequenceId));
            for (int at = 0; at < payloadBytes; at++)
            {
                Assert.Equal((byte)at, view.Payload[at]);
            }

            Assert.Equal(0UL, Exports.Tail(consumer));
        }
    }

    [Fact]
    public void A_published_tail_is_rounded_up_and_the_next_message_is_there()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        for (int i = 1; i < 5000; i++)
        {
            int bytes = i % 200;
            RingRun run = Exports.Reserve(producer, (ulong)bytes + 16);
            Assert.True(run.MaxBytes > 0);
            *(RingMessageHeader*)run.Base = new RingMessageHeader { PayloadBytes = (uint)bytes };
            Assert.True(Exports.Commit(producer, (ulong)(bytes + 31) & ~15UL, 0));
            RingMessageView view = Peek(consumer);
            Assert.Equal((ulong)bytes, view.PayloadBytes);
            Exports.Publish(consumer, view.Offset + view.TotalBytes);
            Assert.Equal((view.Offset + view.TotalBytes + 15) & ~15UL, Exports.Tail(consumer));
        }

        Assert.Equal(Exports.Again, PeekNothing(consumer));
        Assert.Equal(Exports.AcquireHead(consumer), Exports.Tail(consumer));
    }

    [Fact]
    public void A_tail_beyond_the_head_that_was_seen_or_before_the_present_one_is_ignored()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        ulong bytes = Send(producer);
        Exports.Publish(consumer, bytes); // not seen yet
        Assert.Equal(0UL, Exports.Tail(consumer));
        Assert.Equal(bytes, Exports.AcquireHead(consumer));
        _ = Send(producer);
        Exports.Publish(consumer, 2 * bytes);
        Exports.Publish(consumer, bytes + 1);
        Exports.Publish(consumer, ulong.MaxValue);
        Assert.Equal(0UL, Exports.Tail(consumer));
        Exports.Publish(consumer, bytes);
        Assert.Equal(bytes, Exports.Tail(consumer));
        Exports.Publish(consumer, 0);
        Exports.Publish(consumer, bytes - 16);
        Assert.Equal(bytes, Exports.Tail(consumer));
        Assert.Equal(bytes, Peek(consumer).Offset);
    }

    [Fact]
    public void To_publish_the_present_tail_notes_the_time()
    {
        nint consumer = NewConsumer(NewProducer());
        RingConsumerPage* page = Exports.Page(consumer);
        Assert.NotEqual(0UL, page->JoinBaselineNs);
        ulong before = page->ProgressNs;
        Eventually.True(
            () =>
            {
                Exports.Publish(consumer, Exports.Tail(consumer));
                return page->ProgressNs > before;
            },
            "the clock to go on");
        Assert.Equal(0UL, page->Tail);
    }

    [Fact]
    public void The_pages_are_those_that_the_functions_read()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        RingControl* control = Exports.Control(consumer);
        ulong bytes = Send(producer);
        Assert.Equal((bytes, Exports.Token(consumer)), (control->Head, control->Broadcast));
        Assert.Equal(bytes, Exports.AcquireHead(consumer));
        Exports.Publish(consumer, bytes);
        Assert.Equal(bytes, Exports.Page(consumer)->Tail);
        Assert.True(control == Exports.Control(consumer) && Exports.Page(consumer) == Exports.Page(consumer));
    }

    [Fact]
    public void A_tail_that_was_moved_by_hand_is_where_the_next_peek_looks()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        ulong bytes = Send(producer, 10) + Send(producer, 20);
        _ = Send(producer, 30);
        Exports.Page(consumer)->Tail = bytes;
        Assert.Equal(30UL, Peek(consumer).PayloadBytes);
        Assert.Equal(bytes, Exports.Tail(consumer));
    }

    [Theory]
    [InlineData(8, Exports.Protocol)]
    [InlineData(1, Exports.Protocol)]
    [InlineData(1 << 20, Exports.Overflow)]
    [InlineData(-16, Exports.Ok)]
    public void A_tail_that_cannot_be_shows_nothing(long tail, int status)
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        _ = Send(producer);
        Exports.Page(consumer)->Tail = (ulong)tail;
        if (status == Exports.Ok)
        {
            // Just before the first byte: what lies there is none of ours, and may look like a message.
            RingMessageView view;
            Assert.Contains(Exports.Peek(consumer, &view), new[] { Exports.Ok, Exports.Protocol, Exports.Overflow });
            return;
        }

        Assert.Equal(status, PeekNothing(consumer));
    }

    [Theory]
    [InlineData(49u, 0)] // beyond what is committed
    [InlineData(65536u - 15, 0)] // beyond the end of the ring
    [InlineData(uint.MaxValue, 0)]
    [InlineData(uint.MaxValue - 15, 0)]
    [InlineData(48u, 254)]
    [InlineData(0u, 255)]
    public void A_header_that_cannot_be_is_refused(uint payloadBytes, int descriptorCount)
    {
        using var forged = new ForgedProducer();
        nint consumer = forged.Join();
        *(RingMessageHeader*)forged.Ring =
            new RingMessageHeader { PayloadBytes = payloadBytes, DescriptorCount = (byte)descriptorCount };
        forged.Control->Head = 64;
        Assert.Equal(Exports.Protocol, PeekNothing(consumer));
        Assert.Equal(Exports.Protocol, PeekNothing(consumer));
    }

    [Fact]
    public void A_message_across_the_physical_end_is_refused()
    {
        using var forged = new ForgedProducer();
        forged.Message.InitialHead = Capacity - 32;
        nint consumer = forged.Join();
        *(RingMessageHeader*)(forged.Ring + Capacity - 32) = new RingMessageHeader { PayloadBytes = 17 };
        forged.Control->Head = Capacity + 64;
        Assert.Equal(Exports.Protocol, PeekNothing(consumer));
        ((RingMessageHeader*)(forged.Ring + Capacity - 32))->PayloadBytes = 16;
        Assert.Equal(16UL, Peek(consumer).PayloadBytes);
    }

    [Theory]
    [InlineData(65536UL + 16)]
    [InlineData(ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 15)]
    public void A_head_that_is_further_than_the_ring_is_long_is_an_overflow(ulong head)
    {
        using var forged = new ForgedProducer();
        nint consumer = forged.Join();
        forged.Control->Head = head;
        Assert.Equal(Exports.Overflow, PeekNothing(consumer));
    }

    [Fact]
    public void Who_was_evicted_is_told_with_and_without_something_to_read()
    {
        foreach (bool hasMessage in new[] { true, false })
        {
            using var forged = new ForgedProducer();
            nint consumer = forged.Join();
            forged.Control->Head = hasMessage ? 16UL : 0UL;
            Assert.Equal(hasMessage ? 0UL : 77UL, hasMessage ? Peek(consumer).PayloadBytes : 77);
            forged.Page->Evicted = (uint)RingEvictionReason.Stalled;
            Assert.Equal(Exports.Overflow, PeekNothing(consumer));
            Assert.Equal((int)RingEvictionReason.Stalled, Exports.Evicted(consumer));
        }
    }

    [Fact]
    public void What_was_committed_can_be_read_when_the_producer_is_gone()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        ulong bytes = 0;
        for (int i = 0; i < 100; i++)
        {
            bytes += Send(producer, i);
        }

        Exports.DestroyProducer(producer);
        for (int i = 0; i < 100; i++)
        {
            RingMessageView view = Peek(consumer);
            Assert.Equal((ulong)i, view.PayloadBytes);
            Assert.True(i == 0 || view.Payload[i - 1] == i - 1);
            Exports.Publish(consumer, view.Offset + view.TotalBytes);
        }

        Assert.Equal(Exports.Again, PeekNothing(consumer));
        Assert.Equal(bytes, Exports.Tail(consumer));
    }
}
