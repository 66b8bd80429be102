using System.Runtime.CompilerServices;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Rings;

/// <summary>
/// The writing end of a ring, as the C API zbq has it: runs of memory, offsets and status codes. One thread at a time
/// writes (<see cref="Query"/>, <see cref="Reserve"/>, <see cref="Commit"/>, <see cref="Dispose"/>); all else is
/// thread-safe. <see cref="RingProducer"/> is the same for .NET programs, without pointers.
/// </summary>
/// <remarks>
/// <para>The synchronisation, both ends of each by one name:</para>
/// <para>head: the producer releases it after the bytes of the messages; a consumer that acquires it sees them.</para>
/// <para>tail: a consumer releases it after it has read; a producer that acquires it may write there again.</para>
/// <para>waiting: the producer writes head and broadcast, fences, and then looks who sleeps; a consumer says that it
/// sleeps, fences, and then looks at head and broadcast once more. One of them sees the other (Dekker), or both
/// do.</para>
/// <para>evicted: the producer sets it and fences before it uses the consumer's room again; the consumer reads the
/// bytes of a message first and then looks at it.</para>
/// <para>slots: the set of consumers is an array that is replaced, never changed, under <see cref="_gate"/>. The
/// writer reads it without the gate while <see cref="_isWaking"/> is set; who takes a consumer out waits for that to be
/// clear before it unmaps the consumer's page.</para>
/// <para>A consumer that joins starts at the published head, read under the gate. The writer may go up to a capacity
/// beyond the smallest tail it has seen, which is not above that head, before it must look at the tails again, under
/// the gate: so it sees the new consumer before it could overwrite what that has to read.</para>
/// </remarks>
public sealed unsafe partial class RawRingProducer : IDisposable
{
    private const ulong Alignment = RingMessageHeader.AlignmentBytes;

    // Below an eighth of the ring a query looks at the tails again, though it could answer from the ones it knows.
    private const int LowWaterShift = 3;

    private readonly RingMemory _memory;
    private readonly RingControl* _control;
    private readonly byte* _ring;
    private readonly ulong _capacity;
    private readonly ulong _lowWater;

    // The writer's own.
    private ulong _head;
    private ulong _physical;
    private ulong _limit;
    private ulong _claimed;
    private ulong _queried;
    private ulong _queriedAt = ulong.MaxValue;
    private uint _broadcast;
    private int _isWaking;
    private long _wakes;

    private volatile bool _isEnded;
    private volatile bool _isDisposed;
    private ulong _sequence;

    private RawRingProducer(RingMemory memory, in RingParameters parameters)
    {
        _memory = memory;
        _control = memory.Control;
        _ring = memory.Ring;
        _capacity = parameters.CapacityBytes;
        _limit = _capacity;
        _lowWater = _capacity >> LowWaterShift;
        _clogThreshold = Math.Max(1, parameters.ClogThreshold);
        _stallTimeoutNs = parameters.StallTimeoutNs;
        _all = new RingSlot?[parameters.MaxConsumers];
        _liveness = Epoll.Create();
    }

    /// <summary>Bytes of the data ring.</summary>
    public ulong CapacityBytes => _capacity;

    /// <summary>Bytes committed so far.</summary>
    public ulong Head => Volatile.Read(ref _head);

    /// <summary>
    /// After how many nanoseconds a consumer counts as too slow, whatever progress it makes or says that it makes, that
    /// leaves more than three quarters of the ring unread, or less than the writer asked for; 0, as at first: never.
    /// Set it where consumers are not trusted. Thread-safe.
    /// </summary>
    public ulong SlowTimeoutNs
    {
        get => Volatile.Read(ref _slowTimeoutNs);
        set => Volatile.Write(ref _slowTimeoutNs, value);
    }

    /// <summary>What it did so far; each figure is right, together they are of almost the same moment.</summary>
    public RingStatistics Statistics => new(
        Head, Volatile.Read(ref _wakes), Volatile.Read(ref _allFailures), Volatile.Read(ref _evicted));

    /// <summary>Creates a ring without consumers. Its memory is there when this returns.</summary>
    /// <param name="parameters">What it is to be.</param>
    /// <returns>The producer; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The capacity is 0 or no multiple of 4096, or there can be no
    /// consumer.</exception>
    /// <exception cref="VigilException">Not enough memory (<see cref="Failure.OutOfMemory"/>) or
    /// descriptors.</exception>
    public static RawRingProducer Create(in RingParameters parameters)
    {
        if (parameters.CapacityBytes == 0 || parameters.CapacityBytes % RingMemory.PageBytes != 0)
        {
            throw new ArgumentException(
                $"The capacity of a ring is a multiple of {RingMemory.PageBytes} bytes and not 0; this is "
                + $"{parameters.CapacityBytes}.",
                nameof(parameters));
        }

        if (parameters.MaxConsumers is 0 or > MostConsumers)
        {
            throw new ArgumentException(
                $"A ring has room for 1 to {MostConsumers} consumers; this is {parameters.MaxConsumers}.",
                nameof(parameters));
        }

        var memory = RingMemory.Create(parameters);
        try
        {
            return new RawRingProducer(memory, parameters);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    /// <summary>The room there is at the head, up to the physical end of the ring.</summary>
    /// <returns>The run; of 0 bytes where a consumer has to read first. The same until a commit, but it may
    /// grow.</returns>
    public RingRun Query()
    {
        ulong free = _limit - _head;
        ulong rest = _capacity - _physical;

        // Who asks again at the same place needs more than there was: it has to see what was read since.
        if (free < _lowWater || (free < rest && _queriedAt == _head))
        {
            free = FreeAfterRescan(needed: 1);
        }

        _queriedAt = _head;
        _queried = Math.Min(free, rest);
        return new RingRun { Base = _ring + _physical, MaxBytes = _queried, Offset = _head };
    }

    /// <summary>
    /// A run of at least some bytes. Where they do not fit before the physical end, the rest there is committed as
    /// padding, which our consumers skip; those of others see a message with <see
    /// cref="RingMessageHeader.PaddingFlag"/>.
    /// </summary>
    /// <param name="bytes">How many, header included; rounded up to a multiple of 16.</param>
    /// <returns>The run; of 0 bytes where a consumer has to read first, or where the ring, or 4 GiB, is smaller than
    /// that.</returns>
    public RingRun Reserve(ulong bytes)
    {
        // No message is longer, and no padding: its header could not say so.
        bool hasRoom = bytes <= Math.Min(_capacity, uint.MaxValue)
            && (TryRoom(AlignUp(bytes)) != null || Claim(AlignUp(bytes)) != null);
        _claimed = 0;
        _queried = hasRoom ? Math.Min(_limit - _head, _capacity - _physical) : 0;
        return new RingRun { Base = _ring + _physical, MaxBytes = _queried, Offset = _head };
    }

    /// <summary>Shows the consumers what was written into the run that was asked for last.</summary>
    /// <param name="bytes">How much of it: a multiple of 16; whole messages.</param>
    /// <param name="flags">What is done besides.</param>
    /// <returns>False, and nothing was done, where that is more than the run has left, or no multiple of 16.</returns>
    public bool Commit(ulong bytes, RingCommitFlags flags)
    {
        if (bytes > _queried || (bytes & (Alignment - 1)) != 0)
        {
            return false;
        }

        if (bytes != 0)
        {
            _queried -= bytes;
            Publish(bytes);
        }

        if ((flags & RingCommitFlags.ForceScan) != 0)
        {
            Scan();
        }

        return true;
    }

    /// <summary>The number for the next message that has descriptors: 1, 2, 3 … Thread-safe.</summary>
    /// <returns>The number.</returns>
    public ulong NextSequenceId() => Interlocked.Increment(ref _sequence);

    /// <summary>
    /// Ends the ring: consumers that sleep wake, and can still read what was committed. Twice is once.
    /// </summary>
    public void Dispose()
    {
        End();
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            foreach (RingSlot slot in _slots)
            {
                slot.Dispose();
            }

            _slots = [];
            _liveness.Dispose();
            _memory.Dispose();
        }
    }

    /// <summary>
    /// Tells the consumers that nothing more will come, and lets nobody in any more. The memory stays, for a writer
    /// that is still in it. Any thread.
    /// </summary>
    internal void End()
    {
        lock (_gate)
        {
            if (_isEnded)
            {
                return;
            }

            _isEnded = true;
            foreach (RingSlot slot in _slots)
            {
                slot.Hangup();
            }

            // A writer that commits meanwhile may write the same number: whoever sleeps is woken by either.
            Volatile.Write(ref _control->Broadcast, _control->Broadcast + 1); // SYNC POINT: broadcast
            _ = Futex.Wake(&_control->Broadcast);
            _evictions.Writer.TryComplete();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong AlignUp(ulong bytes) => (bytes + (Alignment - 1)) & ~(Alignment - 1);

    /// <summary>
    /// Takes the next room for a message, behind what was claimed since the last publishing.
    /// </summary>
    /// <param name="bytes">How much: a multiple of 16, at most the capacity.</param>
    /// <returns>Where, or null where that needs more than a look at what the writer knows.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal byte* TryClaim(ulong bytes)
    {
        ulong start = _physical + _claimed;
        if (start + bytes <= _capacity && _head + _claimed + bytes <= _limit)
        {
            _claimed += bytes;
            return _ring + start;
        }

        return null;
    }

    /// <summary>Where a message can be written, while nothing is claimed; <see cref="Publish"/> is next.</summary>
    /// <param name="bytes">How much: a multiple of 16, at most the capacity.</param>
    /// <returns>Where, or null where that needs more than a look at what the writer knows.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal byte* TryRoom(ulong bytes)
    {
        ulong physical = _physical;
        return physical + bytes <= _capacity && _head + bytes <= _limit ? _ring + physical : null;
    }

    /// <summary>As <see cref="TryClaim"/>, but looks at the tails and goes on at the start of the ring.</summary>
    /// <param name="bytes">How much: a multiple of 16, at most the capacity.</param>
    /// <returns>Where, or null where a consumer has to read first.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal byte* Claim(ulong bytes)
    {
        byte* at = TryClaim(bytes);
        return at != null ? at : ClaimSlow(bytes);
    }

    /// <summary>Publishes all that was claimed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void PublishClaimed()
    {
        ulong bytes = _claimed;
        _claimed = 0;
        Publish(bytes);
    }

    /// <summary>Gives back the last bytes of what was claimed.</summary>
    /// <param name="bytes">How many, of those that the last claim took.</param>
    internal void Unclaim(ulong bytes) => _claimed -= bytes;

    /// <summary>Gives back all that was claimed since the last publishing.</summary>
    internal void UnclaimAll() => _claimed = 0;

    // Padding before the physical end is written where it is needed: published at once if nothing else is claimed, else
    // with the rest.
    private byte* ClaimSlow(ulong bytes)
    {
        // What is claimed may be beyond the physical end already, by a padding.
        ulong start = _physical + _claimed;
        start = start >= _capacity ? start - _capacity : start;
        ulong rest = _capacity - start;
        if (bytes > rest)
        {
            if (_claimed == 0)
            {
                if (!HasRoom(rest))
                {
                    return null;
                }

                WritePadding(_ring + start, rest);
                Publish(rest);
            }
            else if (HasRoom(_claimed + rest + bytes))
            {
                WritePadding(_ring + start, rest);
                _claimed += rest;
            }
            else
            {
                return null;
            }

            start = 0;
        }

        if (!HasRoom(_claimed + bytes))
        {
            return null;
        }

        _claimed += bytes;
        return _ring + start;
    }

    private static void WritePadding(byte* at, ulong bytes) =>
        *(RingMessageHeader*)at = new RingMessageHeader
        {
            PayloadBytes = (uint)(bytes - RingMessageHeader.SizeBytes),
            Flags = RingMessageHeader.PaddingFlag,
        };

    private bool HasRoom(ulong bytes) => bytes <= _limit - _head || bytes <= FreeAfterRescan(bytes);

    /// <summary>Moves the head over messages that are written, padding included, and wakes who sleeps.</summary>
    /// <param name="bytes">How much was written.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Publish(ulong bytes)
    {
        RingControl* control = _control;
        ulong head = _head + bytes;
        _head = head;
        ulong physical = _physical + bytes;
        _physical = physical >= _capacity ? physical - _capacity : physical;
        Volatile.Write(ref control->Head, head); // SYNC POINT: head
        uint broadcast = _broadcast + 1;
        _broadcast = broadcast;
        Volatile.Write(ref control->Broadcast, broadcast); // SYNC POINT: broadcast
        if (_wantsCommitTime)
        {
            NoteCommitTime(bytes);
        }

        if (_hasPush)
        {
            WakeSleepers();
        }
    }

    // Inlined into every commit: compiled without a profile, as what is published ahead of time is, a commit took 17 ns
    // with a call to this and 7 without (measured; why a call costs so much just here was not found out).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WakeSleepers()
    {
        bool wake = false;
        _ = Interlocked.Exchange(ref _isWaking, 1); // SYNC POINT: waiting, slots. The full fence, too.
        RingSleeper[] sleepers = _sleepers;
        for (int i = 0; i < sleepers.Length; i++)
        {
            if (Volatile.Read(ref *sleepers[i].Waiting) != RingSlot.IsAwake) // SYNC POINT: waiting
            {
                wake = NeedWake(sleepers);
                break;
            }
        }

        Volatile.Write(ref _isWaking, 0); // SYNC POINT: slots
        if (wake)
        {
            _wakes++;
            _ = Futex.Wake(&_control->Broadcast);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool NeedWake(RingSleeper[] sleepers)
    {
        bool isNeeded = false;
        foreach (RingSleeper sleeper in sleepers)
        {
            isNeeded |= sleeper.Slot.NeedsWake();
        }

        return isNeeded;
    }
}
