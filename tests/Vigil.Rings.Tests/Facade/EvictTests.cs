using Vigil.Platform.Linux;

namespace Vigil.Rings.Tests;

/// <summary>A writer that waits for nobody takes out those who are in its way, and them alone.</summary>
public sealed class EvictTests
{
    [Fact]
    public void Those_without_room_are_evicted_and_the_others_read_on() => Seed.RunMany(50, random =>
    {
        using var pair = new Pair(capacityBytes: 4096 * random.Next(1, 4));
        RingConsumer slow = pair.Join();
        RingConsumer quick = pair.Join();
        byte[] payload = new byte[random.Next(1, pair.Producer.MaxPayloadBytes / 3)];
        int written = 0;
        while (pair.Producer.TryWrite(payload))
        {
            written++;
            Assert.Single(ReadAll(quick));
        }

        while (!pair.Producer.TryWrite(payload))
        {
            // Padding at the end of the ring may be in the way the first time.
            _ = pair.Producer.EvictBlocking(payload.Length);
        }

        Assert.True(written > 0, "there was room at first");
        Assert.Equal(RingEvictionReason.TooSlow, slow.Evicted);
        Assert.Equal(RingEvictionReason.None, quick.Evicted);
        RingEvictedException told = Assert.Throws<RingEvictedException>(() => slow.Wait());
        Assert.Equal(RingEvictionReason.TooSlow, told.Reason);
        Assert.Single(ReadAll(quick));
    });

    [Fact]
    public void A_consumer_is_taken_out_by_its_number()
    {
        using var pair = new Pair();
        using UnixSocket near = UnixSocket.CreatePair(out UnixSocket far);
        using (far)
        {
            Assert.Equal(RingStatus.Ok, pair.Producer.Admit(near, RingWakeMode.Push, out ulong id));
            using RingConsumer consumer = RingConsumer.Join(far);
            Assert.Equal(id, Assert.Single(pair.Producer.GetConsumers()).ConsumerId);
            Assert.False(pair.Producer.Evict(id + 1));
            Assert.True(pair.Producer.Evict(id));
            Assert.Equal(RingEvictionReason.Gone, consumer.Evicted);
            Assert.Empty(pair.Producer.GetConsumers());
            Assert.False(pair.Producer.Evict(id));
        }
    }

    // A batch may be padding alone.
    private static string[] ReadAll(RingConsumer consumer)
    {
        List<string> texts = [];
        while (consumer.UnreadBytes > 0)
        {
            texts.AddRange(Pair.Read(consumer));
        }

        return [.. texts];
    }
}
