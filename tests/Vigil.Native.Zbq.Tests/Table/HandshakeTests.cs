using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Native.Zbq.Tests;

/// <summary>zbq_producer_handshake.</summary>
public sealed unsafe class HandshakeTests : ZbqTest
{
    [Theory]
    [InlineData(-1, Exports.Push)]
    [InlineData(int.MinValue, Exports.Push)]
    [InlineData(null, 2)]
    [InlineData(null, -1)]
    [InlineData(null, int.MaxValue)]
    public void Bad_arguments_are_invalid(int? connection, int mode) =>
        Assert.Equal((Exports.Invalid, 77u), Handshake(NewProducer(), connection ?? NewConnection().Ours, mode));

    [Fact]
    public void A_null_slot_is_invalid()
    {
        nint producer = NewProducer(maxConsumers: 1);
        Assert.Equal(Exports.Invalid, Exports.Handshake(producer, NewConnection().Ours, Exports.Push, null));
        _ = NewConsumer(producer);
    }

    [Fact]
    public void What_is_no_connected_socket_is_an_io_error_and_takes_no_slot()
    {
        using var tree = new TempTree();
        nint producer = NewProducer(maxConsumers: 1);
        using FileStream file = File.Create(tree.At("file"));
        Assert.Equal((Exports.Io, 77u), Handshake(producer, (int)file.SafeFileHandle.DangerousGetHandle()));

        using UnixSocket listener = UnixSocket.Listen(tree.At("socket"));
        Assert.Equal((Exports.Io, 77u), Handshake(producer, NumberOf(listener)));

        using EventFd other = EventFd.Create();
        Assert.Equal((Exports.Io, 77u), Handshake(producer, NumberOf(other)));

        UnixSocket closed = UnixSocket.CreatePair(out UnixSocket peer);
        peer.Dispose();
        Assert.Equal((Exports.Io, 77u), Handshake(producer, NumberOf(closed)));
        int number = NumberOf(closed);
        closed.Dispose();
        Assert.Equal((Exports.Io, 77u), Handshake(producer, number));
        Assert.Equal((Exports.Io, 77u), Handshake(producer, int.MaxValue));

        _ = NewConsumer(producer, Exports.Push, out uint slot);
        Assert.Equal(0u, slot);
    }

    [Fact]
    public void A_peer_that_does_not_read_is_an_io_error_and_nobody_waits()
    {
        nint producer = NewProducer(maxConsumers: 1);
        UnixSocket full = Own(UnixSocket.CreatePair(out UnixSocket peer));
        _ = Own(peer);
        while (full.TrySend(new byte[1024], []) == Failure.None)
        {
        }

        Assert.Equal((Exports.Io, 77u), Handshake(producer, NumberOf(full)));
        _ = NewConsumer(producer);
    }

    [Fact]
    public void Slots_run_out_and_the_lowest_free_one_is_given_again()
    {
        nint producer = NewProducer(maxConsumers: 3);
        var consumers = new nint[3];
        for (uint i = 0; i < 3; i++)
        {
            consumers[i] = NewConsumer(producer, Exports.Pull, out uint slot);
            Assert.Equal(i, slot);
        }

        Assert.Equal((Exports.NotFound, 77u), Handshake(producer, NewConnection().Ours));

        // Who left is found by the handshake itself.
        Exports.DestroyConsumer(consumers[2]);
        Exports.DestroyConsumer(consumers[1]);
        _ = NewConsumer(producer, Exports.Push, out uint second);
        _ = NewConsumer(producer, Exports.Push, out uint third);
        Assert.Equal((1u, 2u), (second, third));
        Assert.Equal((Exports.NotFound, 77u), Handshake(producer, NewConnection().Ours));
    }

    [Theory]
    [InlineData(Exports.Push)]
    [InlineData(Exports.Pull)]
    public void A_consumer_starts_at_the_present_head(int mode)
    {
        nint producer = NewProducer();
        ulong head = Send(producer) + Send(producer, 100);
        nint consumer = NewConsumer(producer, mode);
        Assert.Equal(head, Exports.Tail(consumer));
        Assert.Equal(Exports.Again, PeekNothing(consumer));
        _ = Send(producer, 5);
        Assert.Equal((head, 5UL), (Peek(consumer).Offset, Peek(consumer).PayloadBytes));
    }

    [Fact]
    public void The_connection_stays_the_callers()
    {
        (int ours, int theirs) = NewConnection();
        Assert.Equal((Exports.Ok, 0u), Handshake(NewProducer(), ours));
        Assert.StartsWith("socket:", OpenDescriptors.TargetOf(ours));
        nint consumer;
        Assert.Equal(Exports.Ok, Exports.Join(theirs, Exports.Push, &consumer));
        Assert.StartsWith("socket:", OpenDescriptors.TargetOf(theirs));
        Exports.DestroyConsumer(consumer);
        Assert.StartsWith("socket:", OpenDescriptors.TargetOf(theirs));
    }

    [Fact]
    public void A_consumer_that_never_joined_is_gone_when_its_connection_is()
    {
        nint producer = NewProducer(maxConsumers: 1);
        using UnixSocket ours = UnixSocket.CreatePair(out UnixSocket theirs);
        Assert.Equal((Exports.Ok, 0u), Handshake(producer, NumberOf(ours)));
        Assert.Equal((Exports.NotFound, 77u), Handshake(producer, NewConnection().Ours));
        theirs.Dispose();
        _ = NewConsumer(producer, Exports.Push, out uint slot);
        Assert.Equal(0u, slot);
    }

    private static (int Status, uint Slot) Handshake(nint producer, int connection, int mode = Exports.Push)
    {
        uint slot = 77;
        int status = Exports.Handshake(producer, connection, mode, &slot);
        return (status, slot);
    }
}
