using Vigil.Testing;

namespace Vigil.Rings.Tests;

/// <summary>SIGKILL in the middle of a message: 200 rounds, half at a known place, half wherever it hits.</summary>
[Collection(nameof(Alone))]
public sealed class KillTests
{
    private const int Rounds = 100;
    private const int StormBatch = 4;

    [Fact]
    public void A_consumer_that_is_killed_is_gone_and_harms_nobody() => Seed.Run(random =>
    {
        using TempTree tree = TempTree.InMemory();
        string path = tree.At("ring");
        Warm();
        int before = Descriptors.Count();
        using (var producer = RingProducer.Create(new RingOptions
        {
            CapacityBytes = 1 << 16,
            MaxConsumers = 2,
            StallTimeout = TimeSpan.Zero,
        }))
        using (RingListener door = producer.Listen(path))
        using (HostProcess survivor = HostProcess.Start("read", path, "Push", "0"))
        {
            Assert.Equal("0", survivor.Answer("joined"));
            var writer = new NumberedWriter(producer);
            int open = Descriptors.Count();
            InRounds("victim", (victim, round) => KillConsumer(random, producer, writer, path, victim));
            Descriptors.Expect(open);
            Assert.Equal(Rounds, producer.Statistics.Evictions);
            producer.Dispose();
            Assert.Equal($"{writer.Next - 1} {writer.Checksum}", survivor.Answer("done"));
        }

        Descriptors.Expect(before);
    });

    [Fact]
    public void A_producer_that_is_killed_leaves_what_it_committed_and_nothing_else() => Seed.Run(random =>
    {
        using TempTree tree = TempTree.InMemory();
        Warm();
        int before = Descriptors.Count();
        InRounds("mortal", (mortal, round) =>
        {
            // Each finds the socket there that the one before could not remove.
            string path = tree.At("ring");
            _ = mortal.Ask("go " + path, "listening");
            using RingConsumer push = RingConsumer.JoinAsync(path).GetAwaiter().GetResult();
            using RingConsumer other = RingConsumer.JoinAsync(path).GetAwaiter().GetResult();
            if (round % 2 == 0)
            {
                KillBeforeCommit(random, mortal, push, other);
            }
            else
            {
                KillInStorm(random, mortal, push, other);
            }
        });
        Descriptors.Expect(before);
    });

    // With its first child the runtime opens what it keeps.
    private static void Warm() => HostProcess.Start("victim").Dispose();

    // The next process starts while one is played with.
    private static void InRounds(string part, Action<HostProcess, int> play)
    {
        HostProcess next = HostProcess.Start(part);
        try
        {
            for (int round = 0; round < Rounds; round++)
            {
                using HostProcess now = next;
                next = HostProcess.Start(part);
                play(now, round);
            }
        }
        finally
        {
            next.Dispose();
        }
    }

    private static void KillConsumer(
        Random random, RingProducer producer, NumberedWriter writer, string path, HostProcess victim)
    {
        bool isBetween = random.Next(2) == 0;
        ulong last = writer.Next + (ulong)random.Next(3_000);
        Assert.Equal("1", victim.Ask($"go {path} {(isBetween ? last : 0)}", "joined"));
        writer.WriteUpTo(last);
        if (isBetween)
        {
            _ = victim.Answer("peeked");
        }

        victim.Send(Signal.SIGKILL);
        RingEviction eviction = default;
        Eventually.True(
            () =>
            {
                // It has to be found by the writer alone, which runs out of room.
                writer.WriteUpTo(writer.Next + 1_000);
                return producer.Evictions.TryRead(out eviction);
            },
            "the victim to be evicted");
        Assert.Equal((RingEvictionReason.Gone, 1u, victim.Id), (eviction.Reason, eviction.Slot, eviction.ProcessId));
    }

    private static void KillBeforeCommit(Random random, HostProcess mortal, params RingConsumer[] consumers)
    {
        int count = random.Next(1, 400);
        ulong committed = ulong.Parse(mortal.Ask($"write {count}", "wrote"));
        Assert.Equal((ulong)count, committed);
        Assert.NotEqual("0", mortal.Ask($"reserve {random.Next(1, 40)}", "reserved"));
        mortal.Send(Signal.SIGKILL);
        Assert.All(consumers, consumer => Assert.Equal(committed, ReadToEnd(consumer, new NumberedReader(consumer))));
    }

    private static void KillInStorm(Random random, HostProcess mortal, RingConsumer push, RingConsumer other)
    {
        mortal.Tell($"storm {StormBatch}");
        ulong last = (ulong)random.Next(1, 20_000);
        var readers = new[] { new NumberedReader(push), new NumberedReader(other) };
        while (readers[0].Count < last)
        {
            Assert.True(push.Wait());
            _ = readers[0].ReadBatch();
            _ = readers[1].ReadBatch();
        }

        mortal.Send(Signal.SIGKILL);
        ulong count = ReadToEnd(push, readers[0]);
        Assert.Equal(0u, count % StormBatch);
        Assert.Equal(count, ReadToEnd(other, readers[1]));
        Assert.Equal(readers[0].Checksum, readers[1].Checksum);
    }

    private static ulong ReadToEnd(RingConsumer consumer, NumberedReader reader)
    {
        while (consumer.Wait())
        {
            _ = reader.ReadBatch();
        }

        Assert.Equal(RingEvictionReason.None, consumer.Evicted);
        Assert.False(consumer.IsProducerConnected);
        Eventually.True(() => !consumer.IsProducerAlive, "the process to be seen as ended");
        return reader.Count;
    }
}
