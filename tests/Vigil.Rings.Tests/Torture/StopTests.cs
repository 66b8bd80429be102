using System.Diagnostics;
using Vigil.Testing;

namespace Vigil.Rings.Tests;

/// <summary>SIGSTOP beyond the stall time-out in the middle of reading, then SIGCONT.</summary>
[Collection(nameof(Alone))]
public sealed class StopTests
{
    private const int Rounds = 6;

    // Long messages, so that a stop mostly comes in the middle of one.
    private const int Longest = 24_000;
    private const int RingBytes = 1 << 18;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("safe")]
    [InlineData("raw")]
    public void A_consumer_that_was_stopped_learns_it_and_vouches_for_no_torn_message(string kind) => Seed.Run(random =>
    {
        using TempTree tree = TempTree.InMemory();
        string path = tree.At("ring");
        using var producer = RingProducer.Create(new RingOptions
        {
            CapacityBytes = RingBytes,
            StallTimeout = TimeSpan.FromMilliseconds(300),
        });
        using RingListener door = producer.Listen(path);
        using RingConsumer other = RingConsumer.JoinAsync(path).GetAwaiter().GetResult();
        using HostProcess host = HostProcess.Start("stoppable", path, $"{Longest}", kind);
        var writer = new NumberedWriter(producer, Longest);
        var reader = new NumberedReader(other, Longest);
        int torn = 0;
        for (int round = 0; round < Rounds; round++)
        {
            _ = host.Ask("go", "joined");

            // More than there is room for: so it reads.
            ulong enough = writer.Next + (ulong)random.Next(50, 200);
            long begin = Stopwatch.GetTimestamp();
            while (writer.Next < enough)
            {
                Assert.True(Stopwatch.GetElapsedTime(begin) < Patience, "it does not read");
                Write(writer, reader, count: 1);
            }

            host.Send(Signal.SIGSTOP);
            RingEviction eviction = default;
            long start = Stopwatch.GetTimestamp();
            while (!producer.Evictions.TryRead(out eviction))
            {
                Assert.True(Stopwatch.GetElapsedTime(start) < Patience, "who stands still is not evicted");
                Write(writer, reader, count: 1);
            }

            Assert.Equal((RingEvictionReason.Stalled, host.Id), (eviction.Reason, eviction.ProcessId));

            // What it was reading is overwritten before it goes on.
            Write(writer, reader, count: 3 * RingBytes / (Longest / 2));
            host.Send(Signal.SIGCONT);
            string[] told = host.Answer("evicted").Split(' ');
            Assert.Equal("Stalled", told[0]);
            torn += int.Parse(told[2]);
        }

        Assert.True(torn > 0, $"none of {Rounds} stops was in the middle of a message");
        TestContext.Current.SendDiagnosticMessage($"{torn} of {Rounds} stops were in the middle of a message");
        Assert.Equal(writer.Checksum, ReadAll(writer, reader));
        Assert.Equal(RingEvictionReason.None, other.Evicted);
    });

    // The other consumer reads on this thread, so it never stands in the way.
    private static void Write(NumberedWriter writer, NumberedReader reader, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (!writer.TryWrite())
            {
                _ = reader.ReadBatch();
            }
        }
    }

    private static ulong ReadAll(NumberedWriter writer, NumberedReader reader)
    {
        while (reader.Next != writer.Next)
        {
            Assert.NotEqual(0, reader.ReadBatch());
        }

        return reader.Checksum;
    }
}
