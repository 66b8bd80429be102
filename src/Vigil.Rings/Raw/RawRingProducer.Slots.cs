using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Rings;

/// <content>Consumers that join, and what their tails leave room for.</content>
public sealed unsafe partial class RawRingProducer
{
    // An array of so many places is made at once. Each consumer costs three or four descriptors, so none gets there.
    private const uint MostConsumers = 1 << 20;

    private readonly Lock _gate = new();
    private readonly RingSlot?[] _all;
    private readonly ulong _clogThreshold;
    private volatile RingSlot[] _slots = [];
    private volatile RingSleeper[] _sleepers = [];
    private volatile bool _hasPush;
    private ulong _lastId;
    private ulong _failures;
    private long _allFailures;

    // How much the writer asked for when it was refused last.
    private ulong _missedBytes;

    /// <summary>The consumers as they are now. Takes no lock, so the writer does not wait. Thread-safe.</summary>
    /// <returns>One entry for each, by slot.</returns>
    public RingConsumerInfo[] GetConsumers()
    {
        RingSlot[] slots = _slots; // SYNC POINT: slots
        var consumers = new List<RingConsumerInfo>(slots.Length);
        foreach (RingSlot slot in slots)
        {
            if (slot.TryDescribe(this) is { } consumer)
            {
                consumers.Add(consumer);
            }
        }

        return [.. consumers];
    }

    /// <summary>
    /// Makes the process at the other end of a connection a consumer: sends it the ring, a page of its own and a socket
    /// for descriptors. It reads from the present head on. Does not block and reads nothing from the connection.
    /// Thread-safe.
    /// </summary>
    /// <param name="connection">A connected Unix socket; the caller keeps it, and may close it afterwards.</param>
    /// <param name="mode">How the consumer learns of messages.</param>
    /// <param name="slot">Its place: the lowest that is free.</param>
    /// <returns>NotFound: no place is free, also after a look for consumers that are gone. Io: no connected socket, or
    /// the other end is closed. NoMemory. On failure no place is taken.</returns>
    /// <exception cref="ObjectDisposedException">The producer was disposed.</exception>
    public RingStatus Handshake(UnixSocket connection, RingWakeMode mode, out uint slot) =>
        Handshake(connection, mode, out slot, out _);

    /// <summary>As the other one, and tells the number of the consumer, which no other is given.</summary>
    internal RingStatus Handshake(UnixSocket connection, RingWakeMode mode, out uint slot, out ulong consumerId)
    {
        ArgumentNullException.ThrowIfNull(connection);
        slot = 0;
        consumerId = 0;
        if (mode is not (RingWakeMode.Push or RingWakeMode.Pull))
        {
            return RingStatus.Invalid;
        }

        try
        {
            // Made before the gate is taken, which the writer may need.
            if (connection.TryGetPeer(out PeerCredentials peer) != Failure.None)
            {
                return RingStatus.Io;
            }

            using RingConsumerMemory memory = RingConsumerMemory.Create();
            using ProcessHandle? process = ProcessOf(connection, peer);
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_isEnded, this);
                if (Array.IndexOf(_all, null) < 0)
                {
                    EvictGone();
                }

                int index = Array.IndexOf(_all, null);
                slot = (uint)Math.Max(0, index);
                if (index < 0)
                {
                    return RingStatus.NotFound;
                }

                RingStatus status = Join(connection, mode, slot, memory, peer.ProcessId, process);
                consumerId = _lastId;
                return status;
            }
        }
        catch (VigilException e)
        {
            return e.Failure is Failure.OutOfMemory or Failure.LimitReached ? RingStatus.NoMemory : RingStatus.Io;
        }
    }

    private RingStatus Join(
        UnixSocket connection,
        RingWakeMode mode,
        uint index,
        RingConsumerMemory memory,
        int processId,
        ProcessHandle? process)
    {
        ulong head = Volatile.Read(ref _control->Head);
        ulong baseline = MonotonicClock.CoarseNanoseconds;
        memory.Page->Tail = head;
        memory.Page->JoinBaselineNs = baseline;
        var joiner = new RingSlot(index, ++_lastId, mode, memory.TakeMapping(), memory.TakeSide())
        {
            Process = process?.Move(),
            ProcessId = processId,
            BaselineNs = baseline,
            Tail = head,
            CaughtUpAt = head,
        };
        RingStatus status = RingStatus.Io;
        try
        {
            Add(joiner);
            RingJoinMessage message = new()
            {
                CapacityBytes = _capacity,
                JoinBaselineNs = baseline,
                InitialHead = head,
                ProducerProcessId = _control->ProducerProcessId,
                SlotIndex = index,
                WakeMode = (uint)mode,
            };
            Failure failure;
            do
            {
                failure = RingWire.Send(connection, message, _memory, memory);
            }
            while (failure == Failure.TooManyReferences && TryEvictHoarder(out _));
            status = failure switch
            {
                Failure.None => RingStatus.Ok,
                Failure.OutOfMemory => RingStatus.NoMemory,
                _ => RingStatus.Io,
            };
        }
        finally
        {
            if (status != RingStatus.Ok)
            {
                Remove(joiner);
            }
        }

        return status;
    }

    /// <summary>Takes out the consumers that are gone, and looks at no others. Any thread.</summary>
    internal void RemoveGone()
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                EvictGone();
            }
        }
    }

    // The creator of a socket pair is its peer, also after a fork: ourselves we do not watch.
    private static ProcessHandle? ProcessOf(UnixSocket connection, PeerCredentials peer) =>
        peer.ProcessId == Environment.ProcessId || peer.ProcessId == 0
            ? null
            : connection.TryOpenPeer() ?? ProcessHandle.TryOpen(peer.ProcessId, out _);

    private void Add(RingSlot slot)
    {
        _all[slot.Index] = slot;
        Watch(slot);
        _wantsCommitTime = true;
        Replace();
    }

    // Takes a consumer out for good. Its page is unmapped when the writer can no longer be looking at it.
    private void Remove(RingSlot slot)
    {
        _all[slot.Index] = null;
        Replace();
        while (Volatile.Read(ref _isWaking) != 0) // SYNC POINT: slots
        {
            Thread.Yield();
        }

        Unwatch(slot);
        slot.Dispose();
    }

    private void Replace()
    {
        _slots = [.. _all.OfType<RingSlot>()]; // SYNC POINT: slots
        _sleepers = [.. _slots.Where(s => s.Mode == RingWakeMode.Push).Select(s => new RingSleeper(s))];
        _hasPush = _sleepers.Length != 0;

        // A writer that has nobody to wake does not fence: this does it for both.
        Interlocked.MemoryBarrierProcessWide();
    }

    // The writer's: how much is free by the tails as they are now.
    private ulong FreeAfterRescan(ulong needed)
    {
        ulong free = Rescan();
        if (free >= needed)
        {
            _failures = 0;
            _missedBytes = 0;
            return free;
        }

        _missedBytes = needed;
        _allFailures++;
        if (++_failures < _clogThreshold)
        {
            return free;
        }

        Scan();
        return Rescan();
    }

    private ulong Rescan()
    {
        lock (_gate)
        {
            ulong longest = 0;
            foreach (RingSlot slot in _slots)
            {
                if (!TryReadTail(slot, out _))
                {
                    Evict(slot, RingEvictionReason.Corrupt);
                    continue;
                }

                longest = Math.Max(longest, _head - slot.Tail);
            }

            _limit = _head - longest + _capacity;
            return _capacity - longest;
        }
    }

    // Believes a tail only if it is aligned and between the one before and the head. The head is read second: what the
    // consumer had read was committed before.
    private bool TryReadTail(RingSlot slot, out ulong head)
    {
        ulong tail = Volatile.Read(ref slot.Page->Tail); // SYNC POINT: tail
        head = Volatile.Read(ref _control->Head);
        if ((tail & (Alignment - 1)) != 0 || tail - slot.Tail > head - slot.Tail)
        {
            return false;
        }

        if (tail != slot.Tail)
        {
            slot.Tail = tail;
            slot.BlockedSinceNs = 0;
        }

        return true;
    }
}
