namespace Vigil.Native.Zbq.Tests;

/// <summary>zbq_consumer_get_futex_token, zbq_consumer_wait_broadcast and its form with a time.</summary>
public sealed class WaitTests : ZbqTest
{
    [Fact]
    public void The_token_changes_with_every_commit()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        var tokens = new HashSet<uint> { Exports.Token(consumer) };
        for (int i = 0; i < 100; i++)
        {
            _ = Send(producer);
            Assert.True(tokens.Add(Exports.Token(consumer)));
        }
    }

    [Fact]
    public void A_token_that_is_not_the_present_one_ends_the_wait_at_once()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        uint token = Exports.Token(consumer);
        Assert.Equal(Exports.Ok, Exports.Wait(consumer, token + 1));
        Assert.Equal(Exports.Ok, Exports.WaitFor(consumer, token - 1, int.MaxValue));
        _ = Send(producer);
        Assert.Equal(Exports.Ok, Exports.WaitFor(consumer, token, int.MaxValue));
    }

    [Fact]
    public void A_token_taken_too_late_ends_the_wait_at_once_while_there_is_something_unseen()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        Assert.Equal(Exports.Again, PeekNothing(consumer));
        _ = Send(producer);
        Assert.Equal(Exports.Ok, Exports.WaitFor(consumer, Exports.Token(consumer), int.MaxValue));
    }

    [Fact]
    public void Without_news_the_wait_ends_all_the_same()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        _ = Send(producer);
        _ = Peek(consumer);
        uint token = Exports.Token(consumer);
        Assert.Equal(Exports.Again, Exports.Wait(consumer, token));
        Assert.Equal(Exports.Again, Exports.WaitFor(consumer, token, 0));
        Assert.Equal(Exports.Again, Exports.WaitFor(consumer, token, 1));
    }

    [Fact]
    public void Pull_mode_and_negative_times_are_invalid()
    {
        nint producer = NewProducer();
        nint pull = NewConsumer(producer, Exports.Pull);
        nint push = NewConsumer(producer);
        Assert.Equal(Exports.Invalid, Exports.Wait(pull, Exports.Token(pull)));
        Assert.Equal(Exports.Invalid, Exports.Wait(pull, Exports.Token(pull) + 1));
        Assert.Equal(Exports.Invalid, Exports.WaitFor(pull, Exports.Token(pull), 0));
        Assert.Equal(Exports.Invalid, Exports.WaitFor(push, Exports.Token(push), -1));
        Assert.Equal(Exports.Invalid, Exports.WaitFor(push, Exports.Token(push) + 1, int.MinValue));
    }

    [Fact]
    public void A_commit_wakes_who_sleeps()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        Expect(consumer, () => Send(producer));
        Assert.Equal(48UL, Peek(consumer).PayloadBytes);
    }

    [Fact]
    public void The_end_of_the_producer_wakes_who_sleeps()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        Expect(consumer, () =>
        {
            Exports.DestroyProducer(producer);
            return 0;
        });
        Assert.Equal(Exports.Again, PeekNothing(consumer));
    }

    [Fact]
    public void An_eviction_wakes_who_sleeps_with_nothing_to_read()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        uint token = Exports.Token(consumer);
        int status = 77;
        var sleeper = new Thread(() => status = Exports.WaitFor(consumer, token, int.MaxValue));
        sleeper.Start();
        WaitUntilAsleep(consumer);
        Corrupt(consumer);
        Eventually.True(
            () => Exports.Scan(producer) == Exports.Ok && sleeper.Join(TimeSpan.FromMilliseconds(1)),
            "the sleeper to wake");
        Assert.Equal(Exports.Again, status);
        Assert.Equal(Exports.Overflow, Evicted(consumer));
    }

    // Sleeps for ever, as far as it is concerned, and is woken by what happens when it does.
    private static void Expect(nint consumer, Func<ulong> happens)
    {
        uint token = Exports.Token(consumer);
        int status = 77;
        var sleeper = new Thread(() => status = Exports.WaitFor(consumer, token, int.MaxValue));
        sleeper.Start();
        WaitUntilAsleep(consumer);
        _ = happens();
        Assert.True(sleeper.Join(Eventually.DefaultTimeout), "nobody woke it");
        Assert.Equal(Exports.Ok, status);
    }

    // The page says that it is about to; whether it does already makes no difference to what is tested.
    private static unsafe void WaitUntilAsleep(nint consumer) => Eventually.True(
        () => Volatile.Read(ref Exports.Page(consumer)->Waiting) > 1, "the consumer to say that it sleeps");

    private static unsafe void Corrupt(nint consumer) => Exports.Page(consumer)->Tail = 8;

    private static unsafe int Evicted(nint consumer)
    {
        Exports.Page(consumer)->Tail = 0;
        return PeekNothing(consumer);
    }
}
