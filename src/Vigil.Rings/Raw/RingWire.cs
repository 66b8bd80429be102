using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Rings;

/// <summary>
/// What goes over sockets, byte by byte. To join: one message from the producer, <see cref="RingJoinMessage"/> with
/// four descriptors: control page, data, consumer's page, side socket. Then over the side socket, for each message with
/// descriptors: its sequence number in eight bytes, little-endian, and they.
/// </summary>
internal static class RingWire
{
    internal const int JoinDescriptors = 4;
    internal const int RecordBytes = sizeof(ulong);

    internal static Failure Send(
        UnixSocket connection, in RingJoinMessage message, RingMemory ring, RingConsumerMemory consumer)
    {
        ReadOnlySpan<int> descriptors =
        [
            (int)ring.ControlFile.DangerousGetHandle(),
            (int)ring.RingFile.DangerousGetHandle(),
            (int)consumer.File.DangerousGetHandle(),
            (int)consumer.OtherSide.DangerousGetHandle(),
        ];
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<RingJoinMessage>(in message));
        return connection.TrySend(bytes, descriptors);
    }

    /// <summary>Receives what <see cref="Send"/> sent; nothing of it is checked yet but its size.</summary>
    internal static RingStatus TryReceiveJoin(
        UnixSocket connection, out RingJoinMessage message, out ReceivedMessage received)
    {
        message = default;
        Failure failure = connection.TryReceive(
            MemoryMarshal.AsBytes(new Span<RingJoinMessage>(ref message)), out received);
        if (failure != Failure.None)
        {
            return failure is Failure.WouldBlock or Failure.Interrupted ? RingStatus.Again : RingStatus.Io;
        }

        if (received.LengthBytes == 0)
        {
            received.Dispose();
            return RingStatus.Io;
        }

        if (received.LengthBytes == RingJoinMessage.SizeBytes && received.IsComplete
            && received.Descriptors.Length == JoinDescriptors)
        {
            return RingStatus.Ok;
        }

        received.Dispose();
        return RingStatus.Protocol;
    }

    internal static Failure SendDescriptors(UnixSocket side, ulong sequenceId, ReadOnlySpan<int> descriptors)
    {
        Span<byte> record = stackalloc byte[RecordBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(record, sequenceId);
        return side.TrySend(record, descriptors);
    }

    internal static RingStatus TryReceiveDescriptors(
        UnixSocket side, out ulong sequenceId, out ReceivedMessage received)
    {
        Span<byte> record = stackalloc byte[RecordBytes];
        Failure failure = side.TryReceive(record, out received);
        sequenceId = BinaryPrimitives.ReadUInt64LittleEndian(record);
        if (failure != Failure.None)
        {
            return failure is Failure.WouldBlock or Failure.Interrupted ? RingStatus.Again : RingStatus.Io;
        }

        if (received.LengthBytes == RecordBytes && received.IsComplete && !received.Descriptors.IsEmpty)
        {
            return RingStatus.Ok;
        }

        bool isEnd = received.LengthBytes == 0;
        received.Dispose();
        return isEnd ? RingStatus.Io : RingStatus.Protocol;
    }
}
