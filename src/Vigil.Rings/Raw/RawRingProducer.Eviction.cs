using System.Threading.Channels;
using Vigil.Platform.Linux;

namespace Vigil.Rings;

/// <content>
/// Consumers that are dead, hung, corrupt or too slow. Dead: the side socket hung up, or the process ended. Hung: there
/// is something to read, and for the stall time-out neither the tail moved nor the consumer said that it made progress.
/// </content>
public sealed unsafe partial class RawRingProducer
{
    private const int ReportsAtATime = 64;

    // Nobody has to read the evictions: the oldest make room.
    private const int EvictionsKept = 1024;

    // A consumer that only says that it makes progress counts as hung after so many time-outs.
    private const ulong TimeoutsBelieved = 8;

    private readonly ulong _stallTimeoutNs;
    private ulong _slowTimeoutNs;
    private readonly Epoll _liveness;
    private readonly Channel<RingEviction> _evictions = Channel.CreateBounded<RingEviction>(
        new BoundedChannelOptions(EvictionsKept) { FullMode = BoundedChannelFullMode.DropOldest });

    private volatile bool _wantsCommitTime;
    private ulong _firstCommitNs;
    private ulong _firstCommitAt = ulong.MaxValue;
    private long _evicted;

    /// <summary>Consumers that left or were evicted, the last 1024 that nobody read. Ends when the producer is
    /// disposed. Thread-safe.</summary>
    public ChannelReader<RingEviction> Evictions => _evictions.Reader;

    /// <summary>Readable while a consumer is gone that was not taken out yet.</summary>
    internal Epoll Liveness => _liveness;

    /// <summary>Looks for consumers that are dead, hung, corrupt or too slow, and evicts them. Thread-safe.</summary>
    public void Scan()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            EvictGone();
            bool allCaughtUp = true;
            foreach (RingSlot slot in _slots)
            {
                if (!TryReadTail(slot, out ulong head))
                {
                    Evict(slot, RingEvictionReason.Corrupt);
                    continue;
                }

                // After the head: what the consumer has to read was there by this time.
                ulong now = MonotonicClock.Nanoseconds;
                allCaughtUp &= slot.Tail == head;
                if (IsStalled(slot, head, now))
                {
                    Evict(slot, RingEvictionReason.Stalled);
                }
                else if (IsTooSlow(slot, head, now))
                {
                    Evict(slot, RingEvictionReason.TooSlow);
                }
            }

            _failures = 0;
            _wantsCommitTime |= allCaughtUp;
        }
    }

    /// <summary>Evicts a consumer, if it still is one. Any thread.</summary>
    internal bool Evict(ulong consumerId, RingEvictionReason reason)
    {
        lock (_gate)
        {
            if (_isDisposed || Array.Find(_slots, s => s.Id == consumerId) is not { } slot)
            {
                return false;
            }

            Evict(slot, reason);
            return true;
        }
    }

    /// <summary>Evicts every consumer that there is now. Any thread.</summary>
    /// <returns>How many there were.</returns>
    internal int EvictAll(RingEvictionReason reason)
    {
        lock (_gate)
        {
            RingSlot[] slots = _isDisposed ? [] : _slots;
            foreach (RingSlot slot in slots)
            {
                Evict(slot, reason);
            }

            return slots.Length;
        }
    }

    /// <summary>
    /// The writer's: evicts whoever leaves less room than a message needs, so that there is room for it.
    /// </summary>
    /// <param name="bytes">How much it needs: a multiple of 16, at most the capacity.</param>
    /// <returns>How many were evicted.</returns>
    internal int EvictBlocking(ulong bytes)
    {
        lock (_gate)
        {
            // What does not fit before the physical end begins at the start, and the rest is lost to it.
            ulong rest = _capacity - _physical;
            ulong needed = Math.Min(_capacity, bytes <= rest ? bytes : rest + bytes);
            int count = 0;
            foreach (RingSlot slot in _slots)
            {
                bool isSound = TryReadTail(slot, out _);
                if (!isSound || _head - slot.Tail > _capacity - needed)
                {
                    Evict(slot, isSound ? RingEvictionReason.TooSlow : RingEvictionReason.Corrupt);
                    count++;
                }
            }

            return count;
        }
    }

    private bool IsStalled(RingSlot slot, ulong head, ulong now)
    {
        if (slot.Tail == head)
        {
            slot.CaughtUpAt = head;
            slot.BlockedSinceNs = 0;
            return false;
        }

        if (slot.BlockedSinceNs == 0)
        {
            // Seen for the first time with just this to read. Where it had read all before, and what came next is the
            // commit whose time was noted, it has had this to read since then; else the time counts from now.
            bool isSinceFirst = slot.Tail == slot.CaughtUpAt && slot.Tail == Volatile.Read(ref _firstCommitAt);
            ulong first = Volatile.Read(ref _firstCommitNs);
            slot.BlockedSinceNs = isSinceFirst ? Math.Min(now, first) : now;
        }

        // The consumer may say that it works on something long. A time that has not come yet is not believed, nor is it
        // believed for ever.
        ulong said = slot.BaselineNs + Volatile.Read(ref slot.Page->ProgressNs);
        ulong since = said <= now ? Math.Max(said, slot.BlockedSinceNs) : slot.BlockedSinceNs;
        return _stallTimeoutNs != 0
            && (now - since >= _stallTimeoutNs || (now - slot.BlockedSinceNs) / TimeoutsBelieved >= _stallTimeoutNs);
    }

    // A consumer that reads one message per time-out, or says all the time that it makes progress, never stalls, and
    // yet the writer waits for it. It is in the way also with less unread, where the writer wants much room at once.
    private bool IsTooSlow(RingSlot slot, ulong head, ulong now)
    {
        ulong room = Math.Max(_capacity >> 2, Volatile.Read(ref _missedBytes));
        if (head - slot.Tail <= _capacity - Math.Min(room, _capacity))
        {
            slot.BehindSinceNs = 0;
            return false;
        }

        if (slot.BehindSinceNs == 0)
        {
            slot.BehindSinceNs = now;
        }

        ulong timeout = SlowTimeoutNs;
        return timeout != 0 && now - slot.BehindSinceNs >= timeout;
    }

    // The first commit after a moment when everybody had read all: when what they have to read now became available.
    // The time is written first: who finds the place finds its time or a later one.
    private void NoteCommitTime(ulong bytes)
    {
        Volatile.Write(ref _firstCommitNs, MonotonicClock.Nanoseconds);
        Volatile.Write(ref _firstCommitAt, _head - bytes);
        _wantsCommitTime = false;
    }

    private void Evict(RingSlot slot, RingEvictionReason reason)
    {
        slot.Revoke(reason);

        // A last look how far it came; a tail that cannot be counts for nothing.
        _ = TryReadTail(slot, out ulong head);
        ulong unread = head - slot.Tail;
        Remove(slot);
        _ = Futex.Wake(&_control->Broadcast);
        _evicted++;
        _ = _evictions.Writer.TryWrite(new RingEviction(slot.Id, slot.Index, slot.ProcessId, reason, unread));
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
