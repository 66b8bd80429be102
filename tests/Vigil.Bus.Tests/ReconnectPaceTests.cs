using Vigil.Bus.Client;

namespace Vigil.Bus.Tests;

/// <summary>When a subscription that was lost is tried again.</summary>
public sealed class ReconnectPaceTests : TimeProvider
{
    private long _nowMs = 1;

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => _nowMs;

    [Fact]
    public void At_once_and_then_after_longer_and_longer_pauses_up_to_five_seconds()
    {
        var pace = new ReconnectPace(Timeout.InfiniteTimeSpan, this);
        int[] pauses = [.. Enumerable.Range(0, 12).Select(_ => Lose(pace, heldMs: 1))];
        Assert.Equal([0, 20, 40, 80, 160, 320, 640, 1280, 2560, 5000, 5000, 5000], pauses);
        Assert.False(pace.IsOver);
        pace.Deliver();
        Assert.Equal([0, 20], [Lose(pace, heldMs: 1), Lose(pace, heldMs: 1)]);
    }

    [Fact]
    public void A_server_that_held_for_a_while_was_one_but_not_if_it_said_nothing()
    {
        var pace = new ReconnectPace(Timeout.InfiniteTimeSpan, this);
        _ = Lose(pace, heldMs: 1);
        Assert.Equal(20, Lose(pace, heldMs: 5000));
        Assert.Equal(0, Lose(pace, heldMs: 5001));
        Assert.Equal(20, Lose(pace, heldMs: 6000, isMute: true));
    }

    [Fact]
    public void The_limit_counts_from_the_first_loss_whoever_is_reached_meanwhile()
    {
        var pace = new ReconnectPace(TimeSpan.FromMilliseconds(100), this);
        _ = Lose(pace, heldMs: 4000);
        Assert.Equal(TimeSpan.FromMilliseconds(100), pace.Left);
        Assert.Equal(20, Lose(pace, heldMs: 30));
        Assert.Equal(TimeSpan.FromMilliseconds(70), pace.Left);
        Assert.Equal(40, Lose(pace, heldMs: 1));
        Assert.Equal(19, Lose(pace, heldMs: 50));
        _nowMs += 19;
        Assert.True(pace.IsOver);

        // It was there all the time, and this reader too slow.
        pace.Confirm();
        Assert.False(pace.IsOver);
        Assert.Equal(100, Lose(pace, heldMs: 1));
    }

    private int Lose(ReconnectPace pace, int heldMs, bool isMute = false)
    {
        pace.Reach();
        _nowMs += heldMs;
        return (int)pace.Lose(isMute).TotalMilliseconds;
    }
}
