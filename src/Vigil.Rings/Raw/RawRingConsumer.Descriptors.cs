using Vigil.Platform.Linux;

namespace Vigil.Rings;

/// <content>The descriptors of messages, which come over the side socket in the order of their numbers.</content>
public sealed unsafe partial class RawRingConsumer
{
    // A producer that sends without end shall not keep us here without end.
    private const int RecordsAtATime = 1024;

    private ulong _pendingId;
    private bool _hasPending;
    private ReceivedMessage _pending;

    /// <summary>
    /// Takes the descriptors of a message. Those of earlier messages are closed on the way. Do not ask an untrusted
    /// producer for descriptors: they may be of any kind, and use up this process's limit of open files.
    /// </summary>
    /// <param name="sequenceId">The number in the header of the message.</param>
    /// <param name="descriptors">Where they go, in the order of the sender, each the caller's to close; room for
    /// 253.</param>
    /// <param name="count">How many there are; 0 unless all is well.</param>
    /// <returns>Again: none came yet. NotFound: those of a later message are next, or this consumer is in pull mode and
    /// is sent none. Io: the producer is gone, and has sent no more. Protocol: what came is no record. Invalid: not
    /// enough room.</returns>
    public RingStatus ReceiveDescriptors(ulong sequenceId, Span<int> descriptors, out int count)
    {
        count = 0;
        RingStatus status = FindRecord(sequenceId);
        if (status != RingStatus.Ok)
        {
            return status;
        }

        if (_pending.Descriptors.Length > descriptors.Length)
        {
            return RingStatus.Invalid;
        }

        foreach (ReceivedDescriptor descriptor in TakeRecord().Descriptors)
        {
            descriptors[count++] = descriptor.Take();
        }

        return RingStatus.Ok;
    }

    /// <summary>As <see cref="ReceiveDescriptors"/>, but as handles.</summary>
    internal RingStatus TryTakeDescriptors(ulong sequenceId, out ReceivedMessage record)
    {
        RingStatus status = FindRecord(sequenceId);
        record = status == RingStatus.Ok ? TakeRecord() : default;
        return status;
    }

    /// <summary>Closes the descriptors of a message, and of those before it, that nobody took.</summary>
    internal void DropDescriptors(ulong sequenceId)
    {
        if (FindRecord(sequenceId) == RingStatus.Ok)
        {
            TakeRecord().Dispose();
        }
    }

    private ReceivedMessage TakeRecord()
    {
        ReceivedMessage record = _pending;
        _pending = default;
        _hasPending = false;
        return record;
    }

    // Makes the record with the number the pending one.
    private RingStatus FindRecord(ulong sequenceId)
    {
        if (Mode != RingWakeMode.Push)
        {
            return RingStatus.NotFound;
        }

        for (int i = 0; i < RecordsAtATime; i++)
        {
            if (!_hasPending)
            {
                RingStatus status = RingWire.TryReceiveDescriptors(_joined.Side, out _pendingId, out _pending);
                if (status != RingStatus.Ok)
                {
                    _pending = default;
                    return status;
                }

                _hasPending = true;
            }

            if (_pendingId >= sequenceId)
            {
                return _pendingId == sequenceId ? RingStatus.Ok : RingStatus.NotFound;
            }

            TakeRecord().Dispose();
        }

        return RingStatus.Again;
    }
}
