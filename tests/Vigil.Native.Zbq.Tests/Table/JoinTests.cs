using System.Runtime.InteropServices;
using Vigil.Platform.Linux;
using Vigil.Rings;

namespace Vigil.Native.Zbq.Tests;

/// <summary>zbq_consumer_join, zbq_consumer_destroy, zbq_consumer_is_producer_alive.</summary>
public sealed unsafe class JoinTests : ZbqTest
{
    /// <summary>What a producer can offer that is no ring, by a name.</summary>
    public static TheoryData<string> Forgeries => [.. Wrong.Keys];

    private static readonly Dictionary<string, Action<ForgedProducer>> Wrong = new()
    {
        ["a message too short"] = f => f.Send(Bytes(f).AsSpan(0, 63), f.Descriptors),
        ["a message too long"] = f => f.Send([.. Bytes(f), 0], f.Descriptors),
        ["one byte"] = f => f.Send([1], f.Descriptors),
        ["no descriptors"] = f => f.Send(Bytes(f)),
        ["too few descriptors"] = f => f.Send(f.Descriptors[..3]),
        ["too many descriptors"] = f => f.Send([.. f.Descriptors, f.Descriptors[3]]),
        ["as many as there can be"] = f => f.Send([.. Enumerable.Repeat(f.Descriptors[0], 253)]),
        ["two sockets"] = f => f.Send([.. f.Descriptors[..2], f.Descriptors[3], f.Descriptors[3]]),
        ["no socket"] = f => f.Send([.. f.Descriptors[..3], f.Descriptors[2]]),
        ["twice the control page"] = f => f.Send([f.Descriptors[0], f.Descriptors[0], .. f.Descriptors[2..]]),
        ["no memory"] = f => f.Send([.. Enumerable.Repeat(f.Connection, 4)]),
        ["another mode"] = f => Send(f, (ref m) => m.WakeMode = (uint)RingWakeMode.Pull),
        ["no mode"] = f => Send(f, (ref m) => m.WakeMode = 2),
        ["a ring of no bytes"] = f => Send(f, (ref m) => m.CapacityBytes = 0),
        ["a ring of half pages"] = f => Send(f, (ref m) => m.CapacityBytes = 6144),
        ["a ring larger than its memory"] = f => Send(f, (ref m) => m.CapacityBytes *= 2),
        ["a ring smaller than its memory"] = f => Send(f, (ref m) => m.CapacityBytes /= 2),
        ["a ring of all the memory there could be"] = f => Send(f, (ref m) => m.CapacityBytes = 1UL << 63),
        ["a start that is not aligned"] = f => Send(f, (ref m) => m.InitialHead = 8),
        ["a control page that says otherwise"] = f =>
        {
            f.Control->CapacityBytes = 4096;
            f.Send(f.Descriptors);
        },
        ["a ring that can shrink"] = f =>
        {
            f.RingFile = f.NewFile(Capacity, MemorySeals.Grow | MemorySeals.FutureWrite);
            f.Send(f.Descriptors);
        },
        ["a ring that others can write"] = f =>
        {
            f.RingFile = f.NewFile(Capacity, MemorySeals.Grow | MemorySeals.Shrink);
            f.Send(f.Descriptors);
        },
        ["a ring without seals"] = f =>
        {
            f.RingFile = f.NewFile(Capacity, MemorySeals.None);
            f.Send(f.Descriptors);
        },
        ["a control page without seals"] = f =>
        {
            f.ControlFile = f.NewFile(4096, MemorySeals.None);
            f.Send(f.Descriptors);
        },
        ["a control page that is too short"] = f =>
        {
            f.ControlFile = f.NewFile(256, ForgedProducer.ProducerSeals);
            f.Send(f.Descriptors);
        },
        ["a consumer's page that can shrink"] = f =>
        {
            f.PageFile = f.NewFile(4096, MemorySeals.Grow);
            f.Send(f.Descriptors);
        },
        ["a consumer's page that cannot be written"] = f =>
        {
            f.PageFile = f.NewFile(4096, ForgedProducer.ProducerSeals);
            f.Send(f.Descriptors);
        },
        ["a consumer's page of two pages"] = f =>
        {
            f.PageFile = f.NewFile(8192, ForgedProducer.ConsumerSeals);
            f.Send(f.Descriptors);
        },
    };

    private delegate void Change(ref RingJoinMessage message);

    [Theory]
    [MemberData(nameof(Forgeries))]
    public void What_is_no_ring_is_refused_and_all_that_came_is_closed(string forgery)
    {
        using var forged = new ForgedProducer();
        Wrong[forgery](forged);
        string[] before = OpenDescriptors.All;
        Assert.Equal(Exports.Protocol, forged.TryJoin(out nint consumer));
        Assert.Equal(0, consumer);
        Assert.Equal(before, OpenDescriptors.All);

        // The connection is as it was: a good offer that follows is taken.
        using var good = new ForgedProducer();
        _ = good.Join();
    }

    [Theory]
    [InlineData(0, 1, 2, 3)]
    [InlineData(3, 2, 1, 0)]
    [InlineData(1, 0, 3, 2)]
    [InlineData(2, 3, 0, 1)]
    public void Descriptors_are_told_apart_by_what_they_are(params int[] order)
    {
        using var forged = new ForgedProducer();
        forged.Message.InitialHead = 4096;
        forged.Control->Head = 4096 + 16;
        int[] descriptors = forged.Descriptors;
        forged.Send([.. order.Select(i => descriptors[i])]);
        Assert.Equal(Exports.Ok, forged.TryJoin(out nint consumer));
        Assert.Equal((4096UL, 0UL), (Peek(consumer).Offset, Peek(consumer).PayloadBytes));
        Exports.DestroyConsumer(consumer);
    }

    [Theory]
    [InlineData(-1, Exports.Push)]
    [InlineData(int.MinValue, Exports.Push)]
    [InlineData(null, 2)]
    [InlineData(null, -1)]
    public void Bad_arguments_are_invalid(int? connection, int mode)
    {
        nint consumer = 77;
        Assert.Equal(Exports.Invalid, Exports.Join(connection ?? NewConnection().Theirs, mode, &consumer));
        Assert.Equal(0, consumer);
        Assert.Equal(Exports.Invalid, Exports.Join(NewConnection().Theirs, Exports.Push, null));
    }

    [Fact]
    public void What_is_no_connected_socket_is_an_io_error()
    {
        using var tree = new TempTree();
        using FileStream file = File.Create(tree.At("file"));
        using UnixSocket listener = UnixSocket.Listen(tree.At("socket"));
        using EventFd other = EventFd.Create();
        int[] numbers =
            [(int)file.SafeFileHandle.DangerousGetHandle(), NumberOf(listener), NumberOf(other), int.MaxValue];
        foreach (int number in numbers)
        {
            nint consumer = 77;
            Assert.Equal((Exports.Io, number), (Exports.Join(number, Exports.Push, &consumer), number));
            Assert.Equal(0, consumer);
        }
    }

    [Fact]
    public void A_producer_that_hangs_up_is_an_io_error()
    {
        using var forged = new ForgedProducer();
        forged.Close();
        Assert.Equal((Exports.Io, 0), (forged.TryJoin(out nint consumer), consumer));
    }

    [Fact]
    public void A_producer_that_does_not_answer_is_waited_for_and_given_up()
    {
        using var forged = new ForgedProducer();
        Assert.Equal((Exports.Again, 0), (forged.TryJoin(out nint consumer), consumer));
    }

    [Fact]
    public void A_consumer_that_waits_joins_as_soon_as_it_is_answered()
    {
        nint producer = NewProducer();
        (int ours, int theirs) = NewConnection();
        nint consumer = 0;
        nint* result = &consumer;
        int status = 77;
        var join = new Thread(() => status = Exports.Join(theirs, Exports.Pull, result));
        join.Start();
        uint slot;
        Assert.Equal(Exports.Ok, Exports.Handshake(producer, ours, Exports.Pull, &slot));
        join.Join();
        Assert.Equal(Exports.Ok, status);
        Exports.DestroyConsumer(consumer);
    }

    [Fact]
    public void A_producer_with_another_mode_is_refused()
    {
        nint producer = NewProducer(maxConsumers: 1);
        (int ours, int theirs) = NewConnection();
        uint slot;
        nint consumer = 77;
        Assert.Equal(Exports.Ok, Exports.Handshake(producer, ours, Exports.Pull, &slot));
        Assert.Equal(Exports.Protocol, Exports.Join(theirs, Exports.Push, &consumer));
        Assert.Equal(0, consumer);
        _ = NewConsumer(producer); // what was refused was closed, so its place is free
    }

    [Fact]
    public void The_process_of_the_producer_lives_whatever_becomes_of_the_ring()
    {
        nint producer = NewProducer();
        nint consumer = NewConsumer(producer);
        Assert.True(Exports.IsProducerAlive(consumer));
        Assert.True(Exports.IsProducerConnected(consumer));
        Exports.DestroyProducer(producer);
        Assert.True(Exports.IsProducerAlive(consumer));
        Assert.False(Exports.IsProducerConnected(consumer));
    }

    private static byte[] Bytes(ForgedProducer forged) =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<RingJoinMessage>(in forged.Message)).ToArray();

    private static void Send(ForgedProducer forged, Change change)
    {
        change(ref forged.Message);
        forged.Send(forged.Descriptors);
    }
}
