using System.Diagnostics;
using Vigil.Testing;

namespace Vigil.Rings.Tests;

/// <summary>
/// Consumers that write what they like into their own page, or hold the ring up without standing still. They can harm
/// themselves; the others get everything.
/// </summary>
[Collection(nameof(Alone))]
public sealed class HostileConsumerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ShortTimeout = TimeSpan.FromMilliseconds(200);

    [Fact]
    public void A_tail_that_cannot_be_is_evicted_as_corrupt()
    {
        using var stage = new Stage(TimeSpan.Zero, TimeSpan.Zero);
        using HostProcess host = stage.StartHostile();
        string[] lies =
        [
            "beyond 16", "beyond 1048576", "beyond -8", "beyond 8", "tail -16", "tail 9223372036854775808",
            "tail -1", "tail 1", "beyond -1",
        ];
        foreach (string lie in lies)
        {
            stage.Write(100);
            _ = host.Ask(lie, "set");
            stage.Producer.Scan();
            Assert.Equal("Corrupt", host.Ask("state", "evicted"));
            stage.ExpectEviction(RingEvictionReason.Corrupt, host);
        }

        stage.ExpectEverythingRead();
    }

    [Fact]
    public void A_tail_that_goes_back_is_evicted_as_corrupt()
    {
        using var stage = new Stage(TimeSpan.Zero, TimeSpan.Zero);
        using HostProcess host = stage.StartHostile();
        stage.Write(100);
        _ = host.Ask("read", "set");
        stage.Producer.Scan();
        _ = host.Ask("beyond -16", "set");
        stage.ExpectEviction(RingEvictionReason.Corrupt, host);
        stage.ExpectEverythingRead();
    }

    [Fact]
    public void A_page_of_random_bytes_harms_nobody() => Seed.Run(random =>
    {
        using var stage = new Stage(TimeSpan.Zero, TimeSpan.Zero);
        using HostProcess host = stage.StartHostile();
        for (int round = 0; round < 20; round++)
        {
            host.Tell($"fuzz {random.Next()}");
            stage.Write(2_000);
            _ = host.Answer("set");

            // What is left of the bytes at the end may be a tail in order; then it is put out of order.
            _ = host.Ask("tail 8", "set");
            stage.ExpectEviction(RingEvictionReason.Corrupt, host, isScanned: random.Next(2) == 0);
        }

        stage.ExpectEverythingRead();
    });

    [Theory]
    [InlineData("9000000000000000000")]
    [InlineData("18446744073709551615")]
    [InlineData("3600000000000")]
    public void Progress_in_the_future_is_not_believed(string progressNs)
    {
        using var stage = new Stage(stall: ShortTimeout, slow: TimeSpan.Zero);
        using HostProcess host = stage.StartHostile();
        stage.Write(10);
        _ = host.Ask($"progress {progressNs}", "set");
        stage.ExpectEviction(RingEvictionReason.Stalled, host);
        stage.ExpectEverythingRead();
    }

    [Fact]
    public void What_it_says_of_its_sleep_harms_nobody()
    {
        using var stage = new Stage(TimeSpan.Zero, TimeSpan.Zero);
        using HostProcess host = stage.StartHostile();
        foreach (uint waiting in (uint[])[0, 1, 2, 3, uint.MaxValue, 0x8000_0000, 2])
        {
            _ = host.Ask($"waiting {waiting}", "set");
            stage.Write(100);
            _ = host.Ask("read", "set");
        }

        host.Tell("flicker 20000000");
        Task<string> end = Task.Run(() => host.Answer("set"));
        while (!end.IsCompleted)
        {
            // A few at a time: it does not read meanwhile.
            stage.Write(stage.Producer.GetConsumers().Max(c => c.UnreadBytes) < 30_000 ? 10 : 0);
        }

        _ = host.Ask("read", "set");
        stage.ExpectEverythingRead();
        Assert.Equal(0, stage.Producer.Statistics.Evictions);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public void One_that_reads_a_message_now_and_then_or_only_says_so_is_too_slow(int messages)
    {
        using var stage = new Stage(stall: ShortTimeout, slow: 4 * ShortTimeout);
        RingStatus joined = stage.JoinRaw(out RawRingConsumer? slow);
        Assert.Equal(RingStatus.Ok, joined);
        using (slow)
        {
            long start = Stopwatch.GetTimestamp();
            RingEviction eviction;
            while (!stage.Producer.Evictions.TryRead(out eviction))
            {
                // Half a stall time-out apart it reads a message, or says that it works on one.
                long step = Stopwatch.GetTimestamp();
                Eventually.True(
                    () =>
                    {
                        stage.Write(4_000);
                        return Stopwatch.GetElapsedTime(step) > ShortTimeout / 2;
                    },
                    "half a stall time-out");
                Assert.True(Stopwatch.GetElapsedTime(start) < Patience, "the slow consumer is not evicted");
                _ = slow!.AcquireHead();
                ulong tail = slow.Tail;
                if (messages > 0 && slow.Peek(out RingMessageView view) == RingStatus.Ok)
                {
                    tail = view.Offset + view.TotalBytes;
                }

                _ = slow.Publish(tail);
            }

            Assert.Equal(RingEvictionReason.TooSlow, eviction.Reason);
            Assert.Equal(RingStatus.Overflow, slow!.Peek(out _));
        }

        stage.ExpectEverythingRead();
    }
}
