using System.Runtime.CompilerServices;

namespace Vigil.Rings;

/// <summary>
/// Where the reader of a consumer stands in its batch. Beside the enumerator, which so lets nobody have its address:
/// then the compiler keeps in registers what each step needs from the one before.
/// </summary>
internal sealed unsafe class RingCursor
{
    private readonly RingConsumer _consumer;
    private readonly RawRingConsumer _raw;

    // Where the batch ends.
    private ulong _end;

    // What an address in the ring needs to be a logical offset; changes at the physical end.
    private ulong _toOffset;

    // The number in the header of the message.
    private ulong _sequenceId;
    private bool _hasUntakenDescriptors;

    internal RingCursor(RingConsumer consumer, RawRingConsumer raw)
    {
        _consumer = consumer;
        _raw = raw;
    }

    internal RingConsumer Consumer => _consumer;

    /// <summary>The word on the consumer's page.</summary>
    internal uint* Evicted => &_raw.Page->Evicted;

    /// <summary>Which batch is being read, of those that were.</summary>
    internal uint Number { get; private set; }

    /// <summary>Where the next message begins; or the physical end.</summary>
    internal byte* Next { get; set; }

    /// <summary>
    /// What ends before this, and has neither flags nor descriptors, needs no other look; so there is nothing before it
    /// where anything else has to be done first.
    /// </summary>
    internal byte* QuickEnd { get; private set; }

    /// <summary>The message that was found last, if by a slow step.</summary>
    internal byte* Message { get; private set; }

    /// <summary>The first word of its header.</summary>
    internal ulong HeaderStart { get; private set; }

    private ulong NextOffset => OffsetOf(Next);

    /// <summary>Begins a batch, with what is there.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void Begin()
    {
        _consumer.BeginReading();
        RawRingConsumer raw = _raw;
        if (raw.KnownHead == raw.LocalTail)
        {
            _ = _consumer.LookForMore();
        }

        Number++;
        _end = raw.KnownHead;
        Message = null;
        _hasUntakenDescriptors = false;
        Next = raw.Ring + raw.LocalPhysical;
        _toOffset = raw.LocalTail - (ulong)Next;
        SetQuickEnd();
    }

    /// <summary>The step to any message.</summary>
    /// <returns>Whether there is one.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal bool MoveNext()
    {
        if (_hasUntakenDescriptors)
        {
            DropDescriptors();
        }

        LoadFence.Pass(); // SYNC POINT: evicted
        RawRingConsumer raw = _raw;
        while (NextOffset != _end)
        {
            // A long batch ends early, behind its first message.
            ulong offset = NextOffset;
            if (offset - raw.LocalTail > _consumer.LongestBatchBytes)
            {
                break;
            }

            if (Next == raw.Ring + raw.CapacityBytes)
            {
                Next = raw.Ring;
                _toOffset += raw.CapacityBytes;
            }

            RingStatus status = raw.ViewAt(
                offset, (ulong)(Next - raw.Ring), out RingMessageView view, out RingMessageHeader header);
            if (status != RingStatus.Ok)
            {
                ThrowUnreadable(status);
            }

            Message = Next;
            Next += RawRingProducer.AlignUp(view.TotalBytes);
            (HeaderStart, _sequenceId) = Unsafe.BitCast<RingMessageHeader, (ulong, ulong)>(header);
            if ((header.Flags & RingMessageHeader.PaddingFlag) == 0)
            {
                _hasUntakenDescriptors = header.DescriptorCount != 0;
                SetQuickEnd();
                return true;
            }

            PassPadding(offset);
        }

        if (raw.Evicted != RingEvictionReason.None)
        {
            ThrowUnreadable(RingStatus.Overflow);
        }

        return false;
    }

    /// <summary>Ends a batch, once: the producer may write again where its messages were.</summary>
    /// <param name="number">Which.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void End(uint number)
    {
        if (number != Number || !_consumer.IsReading)
        {
            return;
        }

        if (_hasUntakenDescriptors)
        {
            DropDescriptors();
        }

        if (NextOffset != _raw.LocalTail)
        {
            _ = _raw.Publish(NextOffset);
        }

        _consumer.EndReading();
    }

    /// <summary>The logical offset of a message that was found last.</summary>
    internal ulong OffsetOf(byte* message) => (ulong)message + _toOffset;

    /// <summary>The number of a message; the one that was checked, where it has descriptors.</summary>
    internal ulong SequenceIdOf(byte* message) =>
        message == Message ? _sequenceId : Volatile.Read(ref *(ulong*)(message + sizeof(ulong)));

    // The quick steps go to the end of the batch, or to the physical one. What was lapped is told by the slow step.
    private void SetQuickEnd()
    {
        RawRingConsumer raw = _raw;
        ulong unread = _end - raw.LocalTail;
        ulong stop = Math.Min(unread, _consumer.LongestBatchBytes);
        ulong begun = NextOffset - raw.LocalTail;
        bool isQuick = begun < stop && unread <= raw.CapacityBytes && !_hasUntakenDescriptors;
        ulong left = isQuick ? stop - begun : 0;
        QuickEnd = Next + Math.Min(left, (ulong)(raw.Ring + raw.CapacityBytes - Next));
    }

    // Padding that begins a batch is none of it: neither its length nor an end right behind it keeps back the message
    // that follows. The head may have been seen when nothing did yet.
    private void PassPadding(ulong offset)
    {
        RawRingConsumer raw = _raw;
        if (offset != raw.LocalTail || !raw.Publish(NextOffset))
        {
            return;
        }

        if (NextOffset == _end && raw.HasMessage)
        {
            _end = raw.KnownHead;
        }
    }

    private void DropDescriptors()
    {
        _hasUntakenDescriptors = false;
        _raw.DropDescriptors(_sequenceId);
    }

    private void ThrowUnreadable(RingStatus status)
    {
        if (status == RingStatus.Overflow)
        {
            throw new RingEvictedException(_raw.Evicted);
        }

        throw new RingException(status, $"What the producer wrote at offset {NextOffset} is no message.");
    }
}
