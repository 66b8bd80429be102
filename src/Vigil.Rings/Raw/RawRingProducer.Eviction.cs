using Vigil.Platform.Linux;

namespace Vigil.Rings;

/// <content>
/// Consumers that are dead, hung or corrupt. Dead: the side socket hung up, or the process ended. Hung: there is
/// something to read, and for the stall time-out neither the tail moved nor the consumer said that it made progress.
/// </content>
public sealed unsafe partial class RawRingProducer
{
    private const int ReportsAtATime = 64;

    private readonly ulong _stallTimeoutNs;
    private readonly Epoll _liveness = Epoll.Create();
    private ulong _firstCommitNs;

    /// <summary>Looks for consumers that are dead, hung or corrupt, and evicts them. Thread-safe.</summary>
    public void Scan()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            EvictGone();
            ulong now = MonotonicClock.Nanoseconds;
            bool allCaughtUp = true;
            foreach (RingSlot slot in _slots)
            {
                ulong before = slot.Tail;
                if (!TryReadTail(slot, out ulong head))
                {
                    Evict(slot, RingEvictionReason.Corrupt);
                    continue;
                }

                allCaughtUp &= slot.Tail == head;
                if (IsStalled(slot, before, head, now))
                {
                    Evict(slot, RingEvictionReason.Stalled);
                }
            }

            _failures = 0;
            _wantsCommitTime |= allCaughtUp;
        }
    }

    private bool IsStalled(RingSlot slot, ulong before, ulong head, ulong now)
    {
        if (slot.Tail == head)
        {
            slot.CaughtUpAt = head;
            slot.BlockedSinceNs = 0;
            return false;
        }

        if (slot.Tail != before)
        {
            slot.BlockedSinceNs = now;
            return false;
        }

        if (slot.BlockedSinceNs == 0)
        {
            // Seen for the first time with something to read. That came with the first commit after it had read all.
            bool isSinceFirstCommit = slot.Tail == slot.CaughtUpAt && !_wantsCommitTime && _firstCommitNs != 0;
            slot.BlockedSinceNs = isSinceFirstCommit ? Math.Min(now, Volatile.Read(ref _firstCommitNs)) : now;
        }

        // The consumer may say that it works on something long. A time that has not come yet is not believed.
        ulong said = slot.BaselineNs + Volatile.Read(ref slot.Page->ProgressNs);
        ulong since = said <= now ? Math.Max(said, slot.BlockedSinceNs) : slot.BlockedSinceNs;
        return _stallTimeoutNs != 0 && now - since >= _stallTimeoutNs;
    }

    // The first commit after a moment when everybody had read all: when what they have to read now became available.
    private void NoteCommitTime()
    {
        Volatile.Write(ref _firstCommitNs, MonotonicClock.Nanoseconds);
        _wantsCommitTime = false;
    }

    private void Evict(RingSlot slot, RingEvictionReason reason)
    {
        slot.Revoke(reason);
        Remove(slot);
        _ = Futex.Wake(&_control->Broadcast);
        _evictions.Add(slot, reason);
    }

    private void EvictGone()
    {
        Span<ulong> tokens = stackalloc ulong[ReportsAtATime];
        int count;
        do
        {
            count = _liveness.Wait(tokens, timeoutMs: 0);
            foreach (ulong token in tokens[..count])
            {
                if (Array.Find(_slots, s => s.Id == token >> 1) is { } slot)
                {
                    Evict(slot, RingEvictionReason.Gone);
                }
            }
        }
        while (count == ReportsAtATime);
    }

    private void Watch(RingSlot slot)
    {
        _liveness.AddHangUp(slot.Side, slot.Id << 1);
        if (slot.Process is { } process)
        {
            _liveness.AddWhileReadable(process, (slot.Id << 1) | 1);
        }
    }

    private void Unwatch(RingSlot slot)
    {
        _liveness.Remove(slot.Side);
        if (slot.Process is { } process)
        {
            _liveness.Remove(process);
        }
    }
}
