using Vigil.Rings;

namespace Vigil.Native.Zbq.Tests;

/// <summary>zbq_producer_query, zbq_producer_commit, zbq_producer_next_seq_id.</summary>
public sealed unsafe class WriteTests : ZbqTest
{
    [Fact]
    public void A_query_gives_the_whole_ring_first_and_the_same_until_a_commit()
    {
        nint producer = NewProducer();
        RingRun run = Zbq.Query(producer);
        Assert.True(run.Base != null && (ulong)run.Base % 16 == 0);
        Assert.Equal((Capacity, 0UL), (run.MaxBytes, run.Offset));
        for (int i = 0; i < 10; i++)
        {
            RingRun again = Zbq.Query(producer);
            Assert.True(run.Base == again.Base && run.MaxBytes == again.MaxBytes && run.Offset == again.Offset);
        }

        Assert.True(Zbq.Commit(producer, 32, 0));
        RingRun next = Zbq.Query(producer);
        Assert.True(next.Base == run.Base + 32);
        Assert.Equal((Capacity - 32, 32UL), (next.MaxBytes, next.Offset));
    }

    [Fact]
    public void Without_consumers_only_the_physical_end_is_in_the_way()
    {
        nint producer = NewProducer();
        byte* start = Zbq.Query(producer).Base;
        Assert.True(Zbq.Commit(producer, Capacity - 16, 0));
        Assert.Equal(16UL, Zbq.Query(producer).MaxBytes);
        Assert.True(Zbq.Commit(producer, 16, 0));
        Assert.True(Zbq.Query(producer).MaxBytes > 0);
        RingRun run = Zbq.Query(producer);
        Assert.True(run.Base == start);
        Assert.Equal((Capacity, Capacity), (run.MaxBytes, run.Offset));
    }

    [Fact]
    public void A_query_that_is_repeated_grows_as_consumers_read()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        for (int lap = 0; lap < 2; lap++)
        {
            _ = Send(producer, (int)(Capacity / 2) - HeaderBytes);
            _ = Peek(consumer);
            Zbq.Publish(consumer, Capacity / 2);
            Zbq.Publish(consumer, Zbq.AcquireHead(consumer));
        }

        // At the start again. However much the last look at the tails left, all of the ring is there to be had.
        Assert.Equal(0UL, Zbq.Query(producer).Offset % Capacity);
        Assert.Equal(Capacity, Zbq.Query(producer).MaxBytes);
    }

    [Fact]
    public void A_consumer_that_does_not_read_leaves_no_room_and_then_what_it_read()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        _ = Send(producer, (int)Capacity - HeaderBytes - 64);
        _ = Send(producer);
        Assert.Equal(0UL, Zbq.Query(producer).MaxBytes);
        Assert.False(Zbq.Commit(producer, 16, 0));
        Assert.True(Zbq.Commit(producer, 0, 0));

        _ = Peek(consumer);
        Zbq.Publish(consumer, 4096);
        Assert.Equal((4096UL, Capacity), (Zbq.Query(producer).MaxBytes, Zbq.Query(producer).Offset));
        Zbq.Publish(consumer, 8192);
        Assert.Equal(8192UL, Zbq.Query(producer).MaxBytes);
    }

    [Fact]
    public void At_the_clog_threshold_a_consumer_that_is_gone_is_evicted_by_the_query()
    {
        nint producer = NewProducer(clogThreshold: 3);
        nint consumer = NewConsumer(producer);
        _ = Send(producer, (int)Capacity - HeaderBytes);
        Zbq.DestroyConsumer(consumer);
        Assert.Equal(0UL, Zbq.Query(producer).MaxBytes);
        Assert.Equal(0UL, Zbq.Query(producer).MaxBytes);
        Assert.Equal(Capacity, Zbq.Query(producer).MaxBytes);
    }

    [Fact]
    public void A_clog_threshold_of_zero_scans_at_every_failure()
    {
        nint producer = NewProducer(clogThreshold: 0);
        nint consumer = NewConsumer(producer);
        _ = Send(producer, (int)Capacity - HeaderBytes);
        Zbq.DestroyConsumer(consumer);
        Assert.Equal(Capacity, Zbq.Query(producer).MaxBytes);
    }

    [Fact]
    public void A_commit_is_refused_beyond_the_run_and_may_be_tried_again()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        Assert.False(Zbq.Commit(producer, 16, 0));
        _ = Zbq.Query(producer);
        uint token = Zbq.Token(consumer);
        foreach (ulong bytes in new[] { Capacity + 16, ulong.MaxValue, ulong.MaxValue - 15, 1UL, 15UL, 17UL, 40UL })
        {
            Assert.False(Zbq.Commit(producer, bytes, 0));
        }

        Assert.Equal((0UL, token), (Zbq.AcquireHead(consumer), Zbq.Token(consumer)));
        Assert.True(Zbq.Commit(producer, 32, 0));
        Assert.Equal(32UL, Zbq.AcquireHead(consumer));
        Assert.NotEqual(token, Zbq.Token(consumer));
    }

    [Fact]
    public void Several_commits_share_a_run_but_not_more_than_it_has()
    {
        nint producer = NewProducer(4096);
        _ = Zbq.Query(producer);
        Assert.True(Zbq.Commit(producer, 1024, 0));
        Assert.True(Zbq.Commit(producer, 3056, 0));
        Assert.False(Zbq.Commit(producer, 32, 0));
        Assert.True(Zbq.Commit(producer, 16, 0));
        Assert.False(Zbq.Commit(producer, 16, 0));
    }

    [Fact]
    public void Nothing_committed_changes_nothing()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        uint token = Zbq.Token(consumer);
        Assert.True(Zbq.Commit(producer, 0, 0));
        _ = Zbq.Query(producer);
        Assert.True(Zbq.Commit(producer, 0, 0));
        Assert.Equal((0UL, token), (Zbq.AcquireHead(consumer), Zbq.Token(consumer)));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(64UL)]
    public void A_scan_is_forced_by_its_flag_alone(ulong bytes)
    {
        nint producer = NewProducer(maxConsumers: 2);
        nint gone = NewConsumer(producer);
        nint stays = NewConsumer(producer);
        Zbq.Page(gone)->Tail = 8;
        Zbq.Page(stays)->Tail = 0;
        _ = Zbq.Query(producer);
        Assert.True(Zbq.Commit(producer, bytes, 0x7ffffffe));
        Assert.Equal(0, Zbq.Evicted(gone));
        _ = Zbq.Query(producer);
        Assert.True(Zbq.Commit(producer, bytes, 1));
        Assert.Equal((int)RingEvictionReason.Corrupt, Zbq.Evicted(gone));
        Assert.Equal(0, Zbq.Evicted(stays));
    }

    [Fact]
    public void Sequence_numbers_begin_with_one_and_are_given_once()
    {
        nint producer = NewProducer();
        Assert.Equal([1UL, 2UL, 3UL], [.. Enumerable.Range(0, 3).Select(_ => Zbq.NextSequenceId(producer))]);
        ulong[] given = [.. Enumerable.Range(0, 4).AsParallel().WithDegreeOfParallelism(4)
            .SelectMany(_ => Enumerable.Range(0, 10_000).Select(_ => Zbq.NextSequenceId(producer)).ToArray())
            .Order()];
        Assert.Equal([.. Enumerable.Range(4, 40_000).Select(i => (ulong)i)], given);
    }
}
