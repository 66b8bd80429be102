using Vigil.Rings;

namespace Vigil.Native.Zbq.Tests;

/// <summary>zbq_producer_query, zbq_producer_commit, zbq_producer_next_seq_id.</summary>
public sealed unsafe class WriteTests : ZbqTest
{
    [Fact]
    public void A_query_gives_the_whole_ring_first_and_the_same_until_a_commit()
    {
        nint producer = NewProducer();
        RingRun run = Exports.Query(producer);
        Assert.True(run.Base != null && (ulong)run.Base % 16 == 0);
        Assert.Equal((Capacity, 0UL), (run.MaxBytes, run.Offset));
        for (int i = 0; i < 10; i++)
        {
            RingRun again = Exports.Query(producer);
            Assert.True(run.Base == again.Base && run.MaxBytes == again.MaxBytes && run.Offset == again.Offset);
        }

        Assert.True(Exports.Commit(producer, 32, 0));
        RingRun next = Exports.Query(producer);
        Assert.True(next.Base == run.Base + 32);
        Assert.Equal((Capacity - 32, 32UL), (next.MaxBytes, next.Offset));
    }

    [Fact]
    public void Without_consumers_only_the_physical_end_is_in_the_way()
    {
        nint producer = NewProducer();
        byte* start = Exports.Query(producer).Base;
        Assert.True(Exports.Commit(producer, Capacity - 16, 0));
        Assert.Equal(16UL, Exports.Query(producer).MaxBytes);
        Assert.True(Exports.Commit(producer, 16, 0));
        Assert.True(Exports.Query(producer).MaxBytes > 0);
        RingRun run = Exports.Query(producer);
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
            Exports.Publish(consumer, Capacity / 2);
            Exports.Publish(consumer, Exports.AcquireHead(consumer));
        }

        // At the start again. However much the last look at the tails left, all of the ring is there to be had.
        Assert.Equal(0UL, Exports.Query(producer).Offset % Capacity);
        Assert.Equal(Capacity, Exports.Query(producer).MaxBytes);
    }

    [Fact]
    public void A_consumer_that_does_not_read_leaves_no_room_and_then_what_it_read()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        _ = Send(producer, (int)Capacity - HeaderBytes - 64);
        _ = Send(producer);
        Assert.Equal(0UL, Exports.Query(producer).MaxBytes);
        Assert.False(Exports.Commit(producer, 16, 0));
        Assert.True(Exports.Commit(producer, 0, 0));

        _ = Peek(consumer);
        Exports.Publish(consumer, 4096);
        Assert.Equal((4096UL, Capacity), (Exports.Query(producer).MaxBytes, Exports.Query(producer).Offset));
        Exports.Publish(consumer, 8192);
        Assert.Equal(8192UL, Exports.Query(producer).MaxBytes);
    }

    [Fact]
    public void At_the_clog_threshold_a_consumer_that_is_gone_is_evicted_by_the_query()
    {
        nint producer = NewProducer(clogThreshold: 3);
        nint consumer = NewConsumer(producer);
        _ = Send(producer, (int)Capacity - HeaderBytes);
        Exports.DestroyConsumer(consumer);
        Assert.Equal(0UL, Exports.Query(producer).MaxBytes);
        Assert.Equal(0UL, Exports.Query(producer).MaxBytes);
        Assert.Equal(Capacity, Exports.Query(producer).MaxBytes);
    }

    [Fact]
    public void A_clog_threshold_of_zero_scans_at_every_failure()
    {
        nint producer = NewProducer(clogThreshold: 0);
        nint consumer = NewConsumer(producer);
        _ = Send(producer, (int)Capacity - HeaderBytes);
        Exports.DestroyConsumer(consumer);
        Assert.Equal(Capacity, Exports.Query(producer).MaxBytes);
    }

    [Fact]
    public void A_commit_is_refused_beyond_the_run_and_may_be_tried_again()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        Assert.False(Exports.Commit(producer, 16, 0));
        _ = Exports.Query(producer);
        uint token = Exports.Token(consumer);
        foreach (ulong bytes in new[] { Capacity + 16, ulong.MaxValue, ulong.MaxValue - 15, 1UL, 15UL, 17UL, 40UL })
        {
            Assert.False(Exports.Commit(producer, bytes, 0));
        }

        Assert.Equal((0UL, token), (Exports.AcquireHead(consumer), Exports.Token(consumer)));
        Assert.True(Exports.Commit(producer, 32, 0));
        Assert.Equal(32UL, Exports.AcquireHead(consumer));
        Assert.NotEqual(token, Exports.Token(consumer));
    }

    [Fact]
    public void Several_commits_share_a_run_but_not_more_than_it_has()
    {
        nint producer = NewProducer(4096);
        _ = Exports.Query(producer);
        Assert.True(Exports.Commit(producer, 1024, 0));
        Assert.True(Exports.Commit(producer, 3056, 0));
        Assert.False(Exports.Commit(producer, 32, 0));
        Assert.True(Exports.Commit(producer, 16, 0));
        Assert.False(Exports.Commit(producer, 16, 0));
    }

    [Fact]
    public void Nothing_committed_changes_nothing()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        uint token = Exports.Token(consumer);
        Assert.True(Exports.Commit(producer, 0, 0));
        _ = Exports.Query(producer);
        Assert.True(Exports.Commit(producer, 0, 0));
        Assert.Equal((0UL, token), (Exports.AcquireHead(consumer), Exports.Token(consumer)));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(64UL)]
    public void A_scan_is_forced_by_its_flag_alone(ulong bytes)
    {
        nint producer = NewProducer(maxConsumers: 2);
        nint gone = NewConsumer(producer);
        nint stays = NewConsumer(producer);
        Exports.Page(gone)->Tail = 8;
        Exports.Page(stays)->Tail = 0;
        _ = Exports.Query(producer);
        Assert.True(Exports.Commit(producer, bytes, 0x7ffffffe));
        Assert.Equal(0, Exports.Evicted(gone));
        _ = Exports.Query(producer);
        Assert.True(Exports.Commit(producer, bytes, 1));
        Assert.Equal((int)RingEvictionReason.Corrupt, Exports.Evicted(gone));
        Assert.Equal(0, Exports.Evicted(stays));
    }

    [Fact]
    public void Sequence_numbers_begin_with_one_and_are_given_once()
    {
        nint producer = NewProducer();
        Assert.Equal([1UL, 2UL, 3UL], [.. Enumerable.Range(0, 3).Select(_ => Exports.NextSequenceId(producer))]);
        ulong[] given = [.. Enumerable.Range(0, 4).AsParallel().WithDegreeOfParallelism(4)
            .SelectMany(_ => Enumerable.Range(0, 10_000).Select(_ => Exports.NextSequenceId(producer)).ToArray())
            .Order()];
        Assert.Equal([.. Enumerable.Range(4, 40_000).Select(i => (ulong)i)], given);
    }
}
