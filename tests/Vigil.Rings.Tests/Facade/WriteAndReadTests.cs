using System.Text;

namespace Vigil.Rings.Tests;

/// <summary>Messages through the facade, in one process: what is written is what is read.</summary>
public sealed class WriteAndReadTests
{
    [Fact]
    public void A_message_is_read_as_it_was_written()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        Assert.True(pair.Producer.TryWrite("hello"u8));
        Assert.Equal(["hello"], Pair.Read(consumer));
        Assert.Empty(Pair.Read(consumer));
    }

    [Fact]
    public void An_empty_message_is_a_message()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        Assert.True(pair.Producer.TryWrite([]));
        Assert.Equal([""], Pair.Read(consumer));
    }

    [Fact]
    public void A_consumer_reads_from_when_it_joined()
    {
        using var pair = new Pair();
        Assert.True(pair.Producer.TryWrite("before"u8));
        RingConsumer consumer = pair.Join();
        Assert.True(pair.Producer.TryWrite("after"u8));
        Assert.Equal(["after"], Pair.Read(consumer));
    }

    [Fact]
    public void A_full_ring_takes_no_more_until_the_slowest_has_read()
    {
        using var pair = new Pair();
        RingConsumer fast = pair.Join(), slow = pair.Join(RingWakeMode.Pull);
        int written = 0;
        while (pair.Producer.TryWrite("0123456789abcdef"u8))
        {
            written++;
        }

        Assert.Equal(4096 / 32, written);
        while (Pair.Read(fast).Length > 0)
        {
        }

        Assert.False(pair.Producer.TryWrite("x"u8));
        Assert.NotEmpty(Pair.Read(slow));
        Assert.True(pair.Producer.TryWrite("x"u8));
    }

    [Fact]
    public void Padding_alone_is_no_batch_where_a_message_is_there()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        string a = new('a', 1024), b = new('b', 1024);
        Assert.True(pair.Producer.TryWrite(Encoding.UTF8.GetBytes(a)));
        Assert.True(pair.Producer.TryWrite(Encoding.UTF8.GetBytes(b)));

        // Needs the beginning of the ring, which is not free: only the padding up to the end is written.
        Assert.False(pair.Producer.TryWrite(new byte[3000]));
        Assert.Equal([a], Pair.Read(consumer));
        Assert.Equal([b], Pair.Read(consumer));
        Assert.True(pair.Producer.TryWrite("behind the padding"u8));
        Assert.Equal(["behind the padding"], Pair.Read(consumer));
        Assert.Empty(Pair.Read(consumer));
    }

    [Fact]
    public void Padding_longer_than_a_batch_does_not_keep_back_the_message_behind_it()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        string a = new('a', 2048), b = new('b', 2040);
        Assert.True(pair.Producer.TryWrite(Encoding.UTF8.GetBytes(a)));
        Assert.Equal([a], Pair.Read(consumer));
        Assert.True(pair.Producer.TryWrite(Encoding.UTF8.GetBytes(b)));
        Assert.Equal([b], Pair.Read(consumer));
    }

    // Sizes that leave every rest at the end of the ring, so that padding of every length is written and passed over.
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(1000)]
    [InlineData(2000)]
    [InlineData(4080)]
    public void Messages_of_every_size_come_whole_and_in_order(int largest) => Seed.Run(random =>
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        Queue<byte[]> expected = new();
        for (int i = 0; i < 5000; i++)
        {
            byte[] payload = new byte[random.Next(largest + 1)];
            random.NextBytes(payload);
            if (!pair.Producer.TryWrite(payload))
            {
                // Padding up to the end of the ring may be in it by now, and has to be read away, too.
                _ = Drain(consumer, expected);
                Assert.Empty(expected);
                if (!pair.Producer.TryWrite(payload))
                {
                    _ = Drain(consumer, expected);
                    Assert.True(pair.Producer.TryWrite(payload));
                }
            }

            expected.Enqueue(payload);
        }

        _ = Drain(consumer, expected);
        Assert.Empty(expected);
    });

    [Fact]
    public void Several_messages_are_written_in_place_and_shown_at_once()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        foreach (string text in (string[])["one", "two", "three"])
        {
            Assert.True(pair.Producer.TryReserve(text.Length, out Span<byte> payload));
            Encoding.UTF8.GetBytes(text, payload);
        }

        Assert.Empty(Pair.Read(consumer));
        pair.Producer.Commit();
        Assert.Equal(["one", "two", "three"], Pair.Read(consumer));
    }

    [Fact]
    public void A_batch_across_the_end_of_the_ring_is_shown_whole()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        for (int round = 0; round < 200; round++)
        {
            for (int i = 0; i < 3; i++)
            {
                Assert.True(pair.Producer.TryReserve(200 + round, out Span<byte> payload));
                payload.Fill((byte)(round + i));
            }

            pair.Producer.Commit();
            int read = 0;
            while (read < 3)
            {
                foreach (RingMessage message in consumer.ReadBatch())
                {
                    Assert.Equal(200 + round, message.Payload.Length);
                    Assert.Equal(-1, message.Payload.IndexOfAnyExcept((byte)(round + read)));
                    read++;
                }
            }
        }
    }

    [Fact]
    public void A_reservation_is_shortened_or_given_back()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        Assert.True(pair.Producer.TryReserve(100, out Span<byte> payload));
        "short"u8.CopyTo(payload);
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Producer.Commit(101));
        pair.Producer.Commit(5);
        Assert.True(pair.Producer.TryReserve(100, out _));
        pair.Producer.Discard();
        Assert.Equal(["short"], Pair.Read(consumer));
        Assert.Equal(32UL, (ulong)pair.Producer.Statistics.Bytes);
        Assert.Throws<InvalidOperationException>(pair.Producer.Commit);
        Assert.Throws<InvalidOperationException>(pair.Producer.Discard);
    }

    [Fact]
    public void What_cannot_be_written_says_what_can()
    {
        using var pair = new Pair();
        Assert.Equal(4080, pair.Producer.MaxPayloadBytes);
        string message = Assert.Throws<ArgumentException>(() => pair.Producer.TryWrite(new byte[4081])).Message;
        Assert.Contains("0 to 4080 bytes, not 4081", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => pair.Producer.TryReserve(-1, out _));
        Assert.True(pair.Producer.TryReserve(1, out _));
        Assert.Throws<InvalidOperationException>(() => pair.Producer.TryWrite("x"u8));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(4095, 1)]
    [InlineData(-4096, 1)]
    [InlineData(4096, 0)]
    [InlineData(4096, int.MaxValue)]
    public void A_ring_that_cannot_be_is_refused(long capacityBytes, int maxConsumers) =>
        Assert.ThrowsAny<ArgumentException>(() => RingProducer.Create(
            new RingOptions { CapacityBytes = capacityBytes, MaxConsumers = maxConsumers }));

    [Fact]
    public void A_break_out_of_the_loop_gives_back_what_was_handed_out()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        Assert.True(pair.Producer.TryWrite("one"u8) && pair.Producer.TryWrite("two"u8));
        foreach (RingMessage message in consumer.ReadBatch())
        {
            Assert.True(message.IsIntact);
            break;
        }

        Assert.Equal(["two"], Pair.Read(consumer));
    }

    [Fact]
    public void A_batch_within_a_batch_is_refused()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        Assert.True(pair.Producer.TryWrite("one"u8));
        foreach (RingMessage _ in consumer.ReadBatch())
        {
            Assert.Throws<InvalidOperationException>(() => Pair.Read(consumer));
        }
    }

    [Fact]
    public void A_batch_that_is_being_read_outlives_the_disposal_of_its_consumer()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        Assert.True(pair.Producer.TryWrite("one"u8) && pair.Producer.TryWrite("two"u8));
        int read = 0;
        foreach (RingMessage message in consumer.ReadBatch())
        {
            consumer.Dispose();
            Assert.Equal(3, message.Payload.Length);
            read++;
        }

        Assert.Equal(2, read);
        Assert.Throws<ObjectDisposedException>(() => Pair.Read(consumer));
        Assert.False(consumer.IsProducerConnected);
    }

    [Fact]
    public void What_was_written_is_read_after_the_producer_ended()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        Assert.True(pair.Producer.TryWrite("last"u8));
        pair.Producer.Dispose();
        pair.Producer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pair.Producer.TryWrite("x"u8));
        Assert.True(consumer.Wait());
        Assert.Equal(["last"], Pair.Read(consumer));
        Assert.False(consumer.Wait());
    }

    [Fact]
    public void The_producer_tells_how_its_consumers_stand()
    {
        using var pair = new Pair();
        RingConsumer push = pair.Join(), pull = pair.Join(RingWakeMode.Pull);
        Assert.True(pair.Producer.TryWrite("hello"u8));
        Assert.NotEmpty(Pair.Read(pull));
        RingConsumerInfo[] consumers = pair.Producer.GetConsumers();
        Assert.Equal([0u, 1u], consumers.Select(c => c.Slot));
        Assert.Equal([RingWakeMode.Push, RingWakeMode.Pull], consumers.Select(c => c.Mode));
        Assert.Equal([32ul, 0ul], consumers.Select(c => c.UnreadBytes));
        Assert.Equal(32, push.UnreadBytes);
        push.Dispose();
        pair.Producer.Scan();
        Assert.True(pair.Producer.Evictions.TryRead(out RingEviction eviction));
        Assert.Equal((consumers[0].ConsumerId, RingEvictionReason.Gone), (eviction.ConsumerId, eviction.Reason));
        Assert.Equal([1u], pair.Producer.GetConsumers().Select(c => c.Slot));
        Assert.Equal(0, pair.Join().Slot);
    }

    private static int Drain(RingConsumer consumer, Queue<byte[]> expected)
    {
        int all = 0;
        while (consumer.UnreadBytes > 0)
        {
            foreach (RingMessage message in consumer.ReadBatch())
            {
                Assert.Equal(expected.Dequeue(), message.Payload.ToArray());
                all++;
            }
        }

        return all;
    }
}
