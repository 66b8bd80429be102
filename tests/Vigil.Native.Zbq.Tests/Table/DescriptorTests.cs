using Vigil.Platform;
using Vigil.Platform.Linux;
using Vigil.Rings;

namespace Vigil.Native.Zbq.Tests;

/// <summary>zbq_producer_broadcast_fds and zbq_consumer_recv_fds.</summary>
public sealed unsafe class DescriptorTests : ZbqTest
{
    [Fact]
    public void Nothing_to_send_is_no_matter_who_asks()
    {
        int descriptor = -1;
        Assert.Equal(Exports.Ok, Exports.Broadcast(0, 1, null, 0));
        Assert.Equal(Exports.Ok, Exports.Broadcast(0, 1, &descriptor, 0));
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        Assert.Equal(Exports.Ok, Exports.Broadcast(producer, 1, null, 0));
        Assert.Equal(Exports.Again, Receive(consumer, 1, out _));
    }

    [Theory]
    [InlineData(254)]
    [InlineData(255)]
    public void More_than_a_message_can_carry_is_invalid(int count)
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        Assert.Equal(Exports.Invalid, Broadcast(producer, 1, [.. Enumerable.Repeat(NewDescriptors(1)[0], count)]));
        Assert.Equal(Exports.Invalid, Exports.Broadcast(producer, 1, null, 1));
        Assert.Equal(Exports.Again, Receive(consumer, 1, out _));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(253)]
    public void Every_push_consumer_gets_them_in_order_and_the_sender_keeps_its_own(int count)
    {
        nint producer = NewProducer();
        nint[] push = [NewConsumer(producer), NewConsumer(producer)];
        nint pull = NewConsumer(producer, Exports.Pull);
        int[] descriptors = NewDescriptors(count);
        Assert.Equal(Exports.Ok, Broadcast(producer, 42, descriptors));
        foreach (nint consumer in push)
        {
            Assert.Equal(Exports.Ok, Receive(consumer, 42, out string[] targets));
            Assert.Equal(descriptors.Select(OpenDescriptors.TargetOf), targets);
            Assert.Equal(Exports.Again, Receive(consumer, 43, out _));
        }

        Assert.Equal(Exports.NotFound, Receive(pull, 42, out _));
        Assert.All(descriptors, one => Assert.StartsWith("socket:", OpenDescriptors.TargetOf(one)));
    }

    [Fact]
    public void Without_consumers_nothing_is_sent()
    {
        nint producer = NewProducer();
        Assert.Equal(Exports.Ok, Broadcast(producer, 1, NewDescriptors(1)));
        Assert.Equal(Exports.Again, Receive(NewConsumer(producer), 1, out _));
    }

    [Fact]
    public void One_that_is_not_open_goes_to_nobody()
    {
        nint producer = NewProducer();
        nint[] consumers = [NewConsumer(producer), NewConsumer(producer)];
        int[] descriptors = NewDescriptors(2);
        Assert.Equal(Exports.Io, Broadcast(producer, 1, descriptors[0], int.MaxValue, descriptors[1]));
        Assert.Equal(Exports.Io, Broadcast(producer, 1, -1));
        Assert.All(consumers, consumer => Assert.Equal(Exports.Again, Receive(consumer, 1, out _)));
        Assert.All(consumers, consumer => Assert.Equal(0, Exports.Evicted(consumer)));
    }

    [Fact]
    public void Who_does_not_fetch_theirs_misses_some_and_the_others_none()
    {
        nint producer = NewProducer();
        nint idle = NewConsumer(producer);
        nint diligent = NewConsumer(producer);
        int[] descriptors = NewDescriptors(1);
        ulong sent = 0;
        int status;
        do
        {
            status = Broadcast(producer, ++sent, descriptors);
            Assert.Equal(Exports.Ok, Receive(diligent, sent, out string[] targets));
            Assert.Single(targets);
        }
        while (status == Exports.Ok && sent < 100_000);

        Assert.Equal(Exports.Again, status);
        Assert.Equal(0, Exports.Evicted(idle));

        // It has all but the last, which it missed, and fetching makes room again.
        Assert.Equal(Exports.Ok, Receive(idle, sent - 1, out _));
        Assert.Equal(Exports.Again, Receive(idle, sent, out _));
        Assert.Equal(Exports.Ok, Broadcast(producer, sent + 1, descriptors));
        Assert.Equal(Exports.Ok, Receive(idle, sent + 1, out _));
    }

    [Fact]
    public void Who_is_gone_is_evicted_and_no_error()
    {
        nint producer = NewProducer(maxConsumers: 2);
        nint gone = NewConsumer(producer, Exports.Push, out uint first);
        nint stays = NewConsumer(producer);
        Exports.DestroyConsumer(gone);
        Assert.Equal(Exports.Ok, Broadcast(producer, 1, NewDescriptors(3)));
        Assert.Equal(Exports.Ok, Receive(stays, 1, out _));
        _ = NewConsumer(producer, Exports.Push, out uint slot);
        Assert.Equal(first, slot);
    }

    [Fact]
    public void Null_is_invalid_and_takes_nothing()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        Assert.Equal(Exports.Ok, Broadcast(producer, 1, NewDescriptors(1)));
        int* descriptors = stackalloc int[Exports.MaxDescriptors];
        byte count = 77;
        Assert.Equal(Exports.Invalid, Exports.Receive(consumer, 1, null, &count));
        Assert.Equal(0, count);
        Assert.Equal(Exports.Invalid, Exports.Receive(consumer, 1, descriptors, null));
        Assert.Equal(Exports.Ok, Receive(consumer, 1, out string[] targets));
        Assert.Single(targets);
    }

    [Fact]
    public void Those_of_skipped_messages_are_closed_and_those_of_later_ones_stay()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        int[] descriptors = NewDescriptors(4);
        for (ulong i = 1; i <= 4; i++)
        {
            Assert.Equal(Exports.Ok, Broadcast(producer, 10 * i, descriptors[(int)i - 1]));
        }

        Assert.Equal(Exports.NotFound, Receive(consumer, 5, out _));
        Assert.Equal(Exports.Ok, Receive(consumer, 30, out string[] third));
        Assert.Equal([OpenDescriptors.TargetOf(descriptors[2])], third);
        Assert.Equal(Exports.NotFound, Receive(consumer, 30, out _));
        Assert.Equal(Exports.NotFound, Receive(consumer, 39, out _));
        Assert.Equal(Exports.Ok, Receive(consumer, 40, out string[] fourth));
        Assert.Equal([OpenDescriptors.TargetOf(descriptors[3])], fourth);
        Assert.Equal(Exports.Again, Receive(consumer, 41, out _));
    }

    [Fact]
    public void What_nobody_fetched_is_closed_with_the_consumer()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        string[] before = OpenDescriptors.All;
        Assert.Equal(Exports.Ok, Broadcast(producer, 1, NewDescriptors(20)));
        Assert.Equal(Exports.NotFound, Receive(consumer, 0, out _)); // taken from the socket, and kept
        Assert.Equal(before.Length + 40, OpenDescriptors.All.Length);
        Exports.DestroyConsumer(consumer);
        Assert.Equal(before.Length + 20 - 2, OpenDescriptors.All.Length); // its socket and its producer's process
    }

    [Fact]
    public void When_the_producer_is_gone_the_rest_comes_and_then_the_end()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        Assert.Equal(Exports.Ok, Broadcast(producer, 1, NewDescriptors(2)));
        Assert.Equal(Exports.Ok, Broadcast(producer, 2, NewDescriptors(3)));
        Exports.DestroyProducer(producer);
        Assert.Equal(Exports.Ok, Receive(consumer, 1, out string[] first));
        Assert.Equal(Exports.Ok, Receive(consumer, 2, out string[] second));
        Assert.Equal((2, 3), (first.Length, second.Length));
        Assert.Equal(Exports.Io, Receive(consumer, 3, out _));
    }

    [Fact]
    public void What_is_no_record_is_refused_and_its_descriptors_are_closed()
    {
        using var forged = new ForgedProducer();
        nint consumer = forged.Join();
        int[] descriptors = NewDescriptors(3);
        ReadOnlySpan<byte> id = [1, 0, 0, 0, 0, 0, 0, 0];
        Assert.Equal(Failure.None, forged.Side.TrySend(id[..7], descriptors)); // too short
        Assert.Equal(Failure.None, forged.Side.TrySend([.. id, 9], descriptors)); // too long
        Assert.Equal(Failure.None, forged.Side.TrySend(id, [])); // none
        Assert.Equal(Failure.None, forged.Side.TrySend(id, descriptors));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(Exports.Protocol, Receive(consumer, 1, out _));
        }

        Assert.Equal(Exports.Ok, Receive(consumer, 1, out string[] targets));
        Assert.Equal(3, targets.Length);
    }

    [Fact]
    public void A_message_and_its_descriptors_find_each_other_by_the_number()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        int[] descriptors = NewDescriptors(5);
        ulong id = Exports.NextSequenceId(producer);
        Assert.Equal(Exports.Ok, Broadcast(producer, id, descriptors));
        _ = Send(producer, 8, new RingMessageHeader { DescriptorCount = 5, SequenceId = id });
        RingMessageHeader header = *Peek(consumer).Header;
        Assert.Equal(Exports.Ok, Receive(consumer, header.SequenceId, out string[] targets));
        Assert.Equal(header.DescriptorCount, targets.Length);
    }
}
