using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Rings;

/// <content>Descriptors on their way to the consumers, by the side sockets.</content>
public sealed unsafe partial class RawRingProducer
{
    private readonly long _mostUnderWay = Limits.DescriptorsUnderWay();

    /// <summary>
    /// Sends descriptors to every consumer in push mode, to be found there by a number. Call it before the commit of
    /// the message that they belong to. It does not wait for consumers that have not received earlier ones: they miss
    /// these. Thread-safe.
    /// </summary>
    /// <param name="sequenceId">The number; it stands in the header of the message.</param>
    /// <param name="descriptors">Open descriptors, at most 253; the caller keeps them.</param>
    /// <returns>Ok. Again: a consumer misses them, because it has too many to receive already. Invalid: too many. Io:
    /// one is not open, and nobody got any.</returns>
    /// <exception cref="ObjectDisposedException">The producer was disposed.</exception>
    public RingStatus BroadcastDescriptors(ulong sequenceId, ReadOnlySpan<int> descriptors)
    {
        if (descriptors.IsEmpty)
        {
            return RingStatus.Ok;
        }

        if (descriptors.Length > UnixSocket.MaxDescriptors)
        {
            return RingStatus.Invalid;
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isEnded, this);
            RingStatus status = RingStatus.Ok;
            foreach (RingSlot slot in _slots)
            {
                // One that was evicted since the loop began is not there any more.
                if (slot.Mode != RingWakeMode.Push || _all[slot.Index] != slot)
                {
                    continue;
                }

                switch (Send(slot, sequenceId, descriptors))
                {
                    case Failure.None:
                        break;
                    case Failure.Disconnected:
                        Evict(slot, RingEvictionReason.Gone);
                        break;
                    case Failure.Invalid:
                        return RingStatus.Io;
                    default:
                        slot.MissedRecords++;
                        status = RingStatus.Again;
                        break;
                }
            }

            return status;
        }
    }

    /// <summary>Whether no consumer in push mode would miss descriptors that are sent now. Thread-safe.</summary>
    /// <param name="descriptors">How many.</param>
    /// <exception cref="ObjectDisposedException">The producer was disposed.</exception>
    public bool CanSendDescriptors(int descriptors)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isEnded, this);
            foreach (RingSlot slot in _slots)
            {
                if (slot.Mode == RingWakeMode.Push && !HasRoom(slot, descriptors))
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>
    /// Runs something while nobody can join or be evicted, so that descriptors and their message go to the same
    /// consumers.
    /// </summary>
    internal Lock.Scope HoldConsumers() => _gate.EnterScope();

    private bool HasRoom(RingSlot slot, int descriptors)
    {
        int underWay = slot.CountUnderWay();
        return underWay == 0 || (underWay + descriptors <= _mostUnderWay / 2 && slot.HasRoom);
    }

    private Failure Send(RingSlot slot, ulong sequenceId, ReadOnlySpan<int> descriptors)
    {
        // The kernel counts the descriptors under way for the whole user (unix(7)), also those that an evicted consumer
        // has not received. So none may have so many that nothing is left for the others.
        if (!HasRoom(slot, descriptors.Length))
        {
            return Failure.WouldBlock;
        }

        while (true)
        {
            Failure failure = RingWire.SendDescriptors(slot.Side, sequenceId, descriptors);
            if (failure == Failure.None)
            {
                slot.AddUnderWay(descriptors.Length);
            }

            if (failure != Failure.TooManyReferences || !TryEvictHoarder(out RingSlot? evicted))
            {
                return failure;
            }

            if (evicted == slot)
            {
                return Failure.None;
            }
        }
    }

    // Several together may have too many all the same. Who has few is not to blame, whoever is.
    private bool TryEvictHoarder(out RingSlot? hoarder)
    {
        hoarder = null;
        long most = _mostUnderWay / 8;
        foreach (RingSlot slot in _slots)
        {
            int underWay = slot.CountUnderWay();
            if (underWay > most)
            {
                most = underWay;
                hoarder = slot;
            }
        }

        if (hoarder is null)
        {
            return false;
        }

        Evict(hoarder, RingEvictionReason.DescriptorsUnread);
        return true;
    }
}
