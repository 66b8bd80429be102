using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Vigil.Platform.Linux;

namespace Vigil.Rings.Tests;

/// <summary>Descriptors to other processes, as many as can be, and to one that never takes any.</summary>
[Collection(nameof(Alone))]
public sealed class HandingTests : IDisposable
{
    private const int Most = UnixSocket.MaxDescriptors;

    // The open files of a process, and so the descriptors of a user that are under way.
    private const int Limit = 512;
    private const int Messages = 200;
    private const int Handles = 16;

    private readonly TempTree _tree = TempTree.InMemory();
    private readonly string _path;

    public HandingTests()
    {
        _path = _tree.At("ring");
        for (int i = 0; i <= Most; i++)
        {
            _tree.WriteFile($"files/{i}", $"{i}");
        }
    }

    public static bool IsRoot => Environment.IsPrivilegedProcess;

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void Two_hundred_and_fifty_three_arrive_in_order_and_one_more_is_refused()
    {
        const int Few = 20;
        using var producer = RingProducer.Create();
        using RingListener door = producer.Listen(_path);
        using HostProcess taker = HostProcess.Start("take", _path);
        _ = taker.Answer("joined");
        SafeHandle[] handles = Open(Most + 1);
        int before = Descriptors.Count(_tree.At("files"));
        for (int i = 0; i < Few; i++)
        {
            Assert.True(producer.TryWrite("files"u8, handles.AsSpan(0, Most)));
            Assert.Throws<ArgumentException>(() => producer.TryWrite("files"u8, handles));
        }

        int[] numbers = [.. handles.Select(FakeProducer.Number)];
        Assert.Equal(RingStatus.Invalid, producer.Raw.BroadcastDescriptors(1, numbers));
        Assert.Equal(before, Descriptors.Count(_tree.At("files")));
        producer.Dispose();
        Assert.Equal($"{Few} {Few * Most} 0 0", taker.Answer("done"));
        Array.ForEach(handles, handle => handle.Dispose());
    }

    [Fact(SkipUnless = nameof(IsRoot), Skip = "only for root there is no limit to the descriptors that are under way")]
    public void One_that_takes_none_misses_them_and_harms_nobody()
    {
        const int Many = 1_000;
        using var producer = RingProducer.Create();
        using RingListener door = producer.Listen(_path);
        using HostProcess hoarder = HostProcess.Start("hoard", _path);
        _ = hoarder.Answer("joined");
        using HostProcess taker = HostProcess.Start("take", _path);
        _ = taker.Answer("joined");
        SafeHandle[] handles = Open(2);
        int before = Descriptors.Count(_tree.At("files"));
        for (int i = 0; i < Many; i++)
        {
            Assert.True(producer.TryWrite("files"u8, handles));
            Eventually.True(() => producer.GetConsumers()[1].UnreadBytes == 0, "the taker to have taken");
        }

        RingConsumerInfo[] consumers = producer.GetConsumers();
        Assert.InRange(consumers[0].MissedRecords, 1, Many - 1);
        Assert.Equal(0, consumers[1].MissedRecords);
        Assert.Equal(before, Descriptors.Count(_tree.At("files")));
        Assert.Equal(0, producer.Statistics.Evictions);
        producer.Dispose();
        Assert.Equal($"{Many} {Many * 2} 0 0", taker.Answer("done"));
        Array.ForEach(handles, handle => handle.Dispose());
    }

    [Fact(SkipUnless = nameof(IsRoot), Skip = "only root can become another user")]
    public void One_that_takes_none_leaves_the_others_their_part_of_what_a_user_may_have_under_way()
    {
        using HostProcess spreader = StartLimited("spread", _path, _tree.At("files"), $"{Messages}", $"{Handles}");
        _ = spreader.Answer("listening");
        using HostProcess hoarder = StartLimited("hoard", _path);
        _ = hoarder.Answer("joined");
        using HostProcess taker = StartLimited("take", _path);
        _ = taker.Answer("joined");
        spreader.Tell("go");
        Assert.Equal("0", spreader.Answer("spread"));

        // It has half of what there is, and misses the rest.
        Assert.Equal($"0 {Messages - (Limit / 2 / Handles)}", spreader.Answer("left"));
        Assert.Equal("1 0", spreader.Answer("left"));
        spreader.Tell("end");
        Assert.Equal($"{Messages} {Messages * Handles} 0 0", taker.Answer("done"));
    }

    [Fact(SkipUnless = nameof(IsRoot), Skip = "only root can become another user")]
    public void Several_that_take_none_are_evicted_when_a_user_has_too_many_under_way()
    {
        const int Hoarders = 3;
        using HostProcess spreader = StartLimited("spread", _path, _tree.At("files"), $"{Messages}", $"{Handles}");
        _ = spreader.Answer("listening");
        HostProcess[] hoarders = [.. Enumerable.Range(0, Hoarders).Select(_ => StartLimited("hoard", _path))];
        try
        {
            Assert.All(hoarders, hoarder => hoarder.Answer("joined"));
            using HostProcess taker = StartLimited("take", _path);
            Assert.Equal("", taker.Answer("joined"));
            spreader.Tell("go");

            // The socket and the process of each that was evicted are closed; who takes is never among them.
            int evicted = -int.Parse(spreader.Answer("spread")) / 2;
            Assert.InRange(evicted, 1, Hoarders);
            for (int i = 0; i < evicted; i++)
            {
                Assert.Matches("^[0-2] DescriptorsUnread$", spreader.Answer("evicted"));
            }

            Assert.True(hoarders.Count(hoarder => hoarder.Said("evicted DescriptorsUnread")) >= evicted - 1);
            spreader.Tell("end");
            Assert.StartsWith($"{Messages} ", taker.Answer("done"), StringComparison.Ordinal);
        }
        finally
        {
            Array.ForEach(hoarders, hoarder => hoarder.Dispose());
        }
    }

    [Fact]
    public void What_nobody_takes_is_closed_with_the_batch_also_where_it_is_left()
    {
        using var pair = new Pair(capacityBytes: 1 << 16);
        RingConsumer consumer = pair.Join();
        SafeHandle[] handles = Open(50);
        int before = Descriptors.Count(_tree.At("files"));
        for (int round = 0; round < 200; round++)
        {
            for (int i = 0; i < 5; i++)
            {
                Assert.True(pair.Producer.TryWrite("files"u8, handles.AsSpan(0, 1 + ((round + i) % handles.Length))));
            }

            Leave(consumer, round);
            while (consumer.UnreadBytes > 0)
            {
                Assert.NotEmpty(Pair.Read(consumer));
            }

            Assert.Equal(before, Descriptors.Count(_tree.At("files")));
        }

        Array.ForEach(handles, handle => handle.Dispose());
    }

    private HostProcess StartLimited(params string[] words)
    {
        File.SetUnixFileMode(_tree.Path, (UnixFileMode)0b111_111_111);
        return HostProcess.StartBy([.. HostProcess.Nobody, "prlimit", $"--nofile={Limit}:{Limit}"], words);
    }

    // Leaves a batch at one of its messages: by break, by an exception, with some taken and some not.
    private static void Leave(RingConsumer consumer, int round)
    {
        try
        {
            int at = 0;
            foreach (RingMessage message in consumer.ReadBatch())
            {
                if (at % 2 == round % 2)
                {
                    Array.ForEach(message.TakeDescriptors(), handle => handle.Dispose());
                }

                if (at++ == round % 5)
                {
                    if (round % 3 == 0)
                    {
                        throw new InvalidOperationException("left");
                    }

                    break;
                }
            }
        }
        catch (InvalidOperationException e) when (e.Message == "left")
        {
            // As expected.
        }
    }

    private SafeHandle[] Open(int count) =>
        [.. Enumerable.Range(0, count).Select(i => (SafeHandle)File.OpenHandle(_tree.At($"files/{i}")))];
}
