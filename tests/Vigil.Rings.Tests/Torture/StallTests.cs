using System.Diagnostics;

namespace Vigil.Rings.Tests;

/// <summary>Who counts as hung, and from when.</summary>
[Collection(nameof(Alone))]
public sealed class StallTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(400);

    [Fact]
    public void Who_had_nothing_to_read_for_long_is_not_hung_with_its_first_message()
    {
        using var stage = new Stage(stall: Timeout, slow: TimeSpan.Zero);
        stage.Write(2);
        Assert.Equal(RingStatus.Ok, stage.JoinRaw(out RawRingConsumer? idle));
        Assert.Equal(RingStatus.Ok, stage.JoinRaw(out RawRingConsumer? busy));
        using (idle)
        using (busy)
        {
            stage.Write(2);
            _ = idle!.Publish(idle.AcquireHead());

            // The busy one always has something left, so it is never so that all have read everything.
            _ = busy!.AcquireHead();
            long start = Stopwatch.GetTimestamp();
            Eventually.True(
                () => busy.Publish(busy.Tail) && Stopwatch.GetElapsedTime(start) > 2 * Timeout, "the time-out, twice");
            stage.Producer.Scan();
            stage.Write(1);
            stage.Producer.Scan();
            Assert.Equal(RingEvictionReason.None, idle.Evicted);
            Assert.Equal(RingEvictionReason.None, busy.Evicted);

            // And from then on it has the whole time-out, and no more.
            start = Stopwatch.GetTimestamp();
            Eventually.True(
                () =>
                {
                    _ = busy.Publish(busy.Tail);
                    stage.Producer.Scan();
                    return idle.Evicted != RingEvictionReason.None;
                },
                "it to be hung in the end");
            Assert.True(Stopwatch.GetElapsedTime(start) > Timeout / 2);
            Assert.Equal(RingEvictionReason.Stalled, idle.Evicted);
            Assert.Equal(RingEvictionReason.None, busy.Evicted);
        }
    }
}
