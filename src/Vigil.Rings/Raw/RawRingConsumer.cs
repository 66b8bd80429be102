using System.Runtime.CompilerServices;
using Vigil.Platform.Linux;

namespace Vigil.Rings;

/// <summary>
/// A reading end of a ring, as the C API zbq has it: views into the mapping, offsets and status codes. One thread at a
/// time uses it. <see cref="RingConsumer"/> is the same for .NET programs, without pointers.
/// </summary>
/// <remarks>Every value that the producer wrote is read once, checked, and then used from the copy.</remarks>
public sealed unsafe partial class RawRingConsumer : IDisposable
{
    /// <summary>How long <see cref="Join(UnixSocket, RingWakeMode?, int, out RawRingConsumer?)"/> waits for the
    /// producer, unless told: milliseconds.</summary>
    public const int JoinTimeoutMs = 5000;

    private const ulong Alignment = RingMessageHeader.AlignmentBytes;
    private const uint Awake = 1;
    private const uint FirstSleep = 2;

    private readonly JoinedRing _joined;
    private readonly RingControl* _control;
    private readonly byte* _ring;
    private readonly RingConsumerPage* _page;
    private readonly ulong _capacity;
    private readonly ulong _baselineNs;

    private ulong _tail;
    private ulong _physical;
    private ulong _head;
    private uint _sleep = FirstSleep;
    private bool _isDisposed;

    private RawRingConsumer(JoinedRing joined)
    {
        _joined = joined;
        _control = joined.Control;
        _ring = joined.Ring;
        _page = joined.Page;
        _capacity = joined.Message.CapacityBytes;
        _baselineNs = joined.Message.JoinBaselineNs;
        Mode = (RingWakeMode)joined.Message.WakeMode;
        _tail = joined.Message.InitialHead;
        _physical = _tail % _capacity;
        _head = _tail;
        Volatile.Write(ref _page->Tail, _tail); // SYNC POINT: tail
        Volatile.Write(ref _page->Waiting, Awake);
    }

    /// <summary>How it learns of messages.</summary>
    public RingWakeMode Mode { get; }

    /// <summary>Bytes of the data ring.</summary>
    public ulong CapacityBytes => _capacity;

    /// <summary>Its place among the producer's consumers.</summary>
    public uint Slot => _joined.Message.SlotIndex;

    /// <summary>Up to where it is done, as its page says.</summary>
    public ulong Tail => Volatile.Read(ref _page->Tail);

    /// <summary>Why it is no longer a consumer; None while it is one.</summary>
    public RingEvictionReason Evicted => (RingEvictionReason)Volatile.Read(ref _page->Evicted); // SYNC POINT: evicted

    /// <summary>The control page, mapped read-only.</summary>
    public RingControl* Control => _control;

    /// <summary>Its own page. Who changes the tail there is believed as little as a producer would believe
    /// it.</summary>
    public RingConsumerPage* Page => _page;

    /// <summary>The word that changes with every commit, for <see cref="WaitBroadcast"/>.</summary>
    public uint BroadcastToken => Volatile.Read(ref _control->Broadcast); // SYNC POINT: broadcast

    /// <summary>
    /// Whether the producer's process runs. It may have disposed the ring all the same, see
    /// <see cref="IsProducerConnected"/>. A call to the kernel.
    /// </summary>
    public bool IsProducerAlive => _joined.IsProducerAlive;

    /// <summary>
    /// Whether the producer still has this consumer: the side socket is open at its end. A call to the kernel.
    /// </summary>
    public bool IsProducerConnected => !_joined.Side.IsHungUp;

    /// <summary>How much there is to read, in bytes of the ring.</summary>
    public ulong UnreadBytes
    {
        get
        {
            // The tail first: the head is never behind a tail that was read before it.
            ulong tail = Tail;
            return Volatile.Read(ref _control->Head) - tail;
        }
    }

    /// <summary>Whether there is something at the tail.</summary>
    internal bool HasMessage => AcquireHead() != _tail;

    /// <summary>The head, as it was seen last.</summary>
    internal ulong KnownHead => _head;

    internal byte* Ring => _ring;

    internal ulong LocalTail => _tail;

    internal ulong LocalPhysical => _physical;

    /// <summary>Becomes a consumer of the producer at the other end of a connection.</summary>
    /// <param name="connection">A connected Unix socket; the caller keeps it, and may close it afterwards.</param>
    /// <param name="mode">The mode that is expected, or null for any.</param>
    /// <param name="timeoutMs">How long to wait for the producer's message, in milliseconds.</param>
    /// <param name="consumer">The consumer; the caller disposes it.</param>
    /// <returns>Io: no connected Unix socket, or it was closed without a message. Again: no message came in time.
    /// Protocol: what came is no ring, is not sealed, or is of another mode. NoMemory. On failure every descriptor that
    /// came was closed.</returns>
    public static RingStatus Join(
        UnixSocket connection, RingWakeMode? mode, int timeoutMs, out RawRingConsumer? consumer) =>
        Join(connection, mode, timeoutMs, out consumer, out _);

    internal static RingStatus Join(
        UnixSocket connection, RingWakeMode? mode, int timeoutMs, out RawRingConsumer? consumer, out string problem)
    {
        ArgumentNullException.ThrowIfNull(connection);
        RingStatus status = JoinedRing.TryReceive(connection, mode, timeoutMs, out JoinedRing? joined, out problem);
        consumer = joined is null ? null : new RawRingConsumer(joined);
        return status;
    }

    /// <summary>Looks how far the producer has come.</summary>
    /// <returns>The head. Up to there <see cref="Publish"/> may go.</returns>
    public ulong AcquireHead() => _head = Volatile.Read(ref _control->Head); // SYNC POINT: head

    /// <summary>The message at the tail. It stays there.</summary>
    /// <param name="view">Where it lies; only set if there is one.</param>
    /// <returns>Again: nothing is there yet. Overflow: it was evicted, and what it has not read may be overwritten.
    /// Protocol: what is there is no message, or the tail was set to something that cannot be.</returns>
    public RingStatus Peek(out RingMessageView view)
    {
        // Padding ends at the physical end, where a message follows: no producer that keeps the rules writes it twice.
        Unsafe.SkipInit(out view);
        for (int i = 0; i < 2; i++)
        {
            if (_page->Tail != _tail && !TryTakeTail())
            {
                return RingStatus.Protocol;
            }

            RingStatus status = ViewAt(_tail, _physical, out view, out RingMessageHeader header);
            if (status != RingStatus.Ok || (header.Flags & RingMessageHeader.PaddingFlag) == 0)
            {
                return status;
            }

            // All before it is read, so the padding is, too: a producer may be waiting for just that room.
            if (!Publish(_tail + view.TotalBytes))
            {
                return RingStatus.Protocol;
            }
        }

        return RingStatus.Protocol;
    }

    /// <summary>The messages from the tail on. They stay there, but padding before the first is passed over.</summary>
    /// <param name="views">Where they lie.</param>
    /// <param name="count">How many views were filled.</param>
    /// <returns>Ok if there is at least one; else as <see cref="Peek"/>.</returns>
    public RingStatus PeekBatch(Span<RingMessageView> views, out int count)
    {
        count = 0;
        if (views.IsEmpty)
        {
            return RingStatus.Invalid;
        }

        RingStatus status = Peek(out views[0]);
        if (status != RingStatus.Ok)
        {
            return status;
        }

        count = 1 + ViewMore(views[1..], _tail + RawRingProducer.AlignUp(views[0].TotalBytes));
        return RingStatus.Ok;
    }

    // The messages behind the first, up to the head last seen. Their headers are read before it is asked, once for all,
    // whether they may have been overwritten meanwhile: then none of them counts.
    private int ViewMore(Span<RingMessageView> views, ulong offset)
    {
        ulong head = _head;
        byte* end = _ring + _capacity;
        byte* at = _ring + Advance(_physical, offset - _tail);
        int count = 0;
        while (count < views.Length && offset != head)
        {
            ulong first = Volatile.Read(ref *(ulong*)at);
            ulong payloadBytes = (uint)first;
            ulong bytes = RawRingProducer.AlignUp(RingMessageHeader.SizeBytes + payloadBytes);
            if (bytes > Math.Min(head - offset, (ulong)(end - at)))
            {
                break;
            }

            bool isPadding = false;
            if (first > uint.MaxValue)
            {
                RingMessageHeader header = Unsafe.BitCast<(ulong, ulong), RingMessageHeader>((first, 0));
                if (header.DescriptorCount > UnixSocket.MaxDescriptors)
                {
                    break;
                }

                isPadding = (header.Flags & RingMessageHeader.PaddingFlag) != 0;
            }

            if (!isPadding)
            {
                ref RingMessageView view = ref views[count++];
                view.Header = (RingMessageHeader*)at;
                view.Payload = at + RingMessageHeader.SizeBytes;
                view.PayloadBytes = payloadBytes;
                view.Offset = offset;
                view.TotalBytes = RingMessageHeader.SizeBytes + payloadBytes;
            }

            offset += bytes;
            at += bytes;
            at = at == end ? _ring : at;
        }

        return Evicted == RingEvictionReason.None ? count : 0;
    }

    /// <summary>Gives the room of what was read back to the producer, and notes the time of the progress.</summary>
    /// <param name="tail">Up to where; rounded up to 16. The present tail only notes the time.</param>
    /// <returns>False, and nothing was done, where that is before the tail or beyond the head last seen.</returns>
    public bool Publish(ulong tail)
    {
        if (_page->Tail != _tail && !TryTakeTail())
        {
            return false;
        }

        tail = RawRingProducer.AlignUp(tail);
        ulong read = tail - _tail;
        if (read > _head - _tail)
        {
            return false;
        }

        _page->ProgressNs = MonotonicClock.CoarseNanoseconds - _baselineNs;
        _physical = read < _capacity ? Advance(_physical, read) : tail % _capacity;
        _tail = tail;
        Volatile.Write(ref _page->Tail, tail); // SYNC POINT: tail
        return true;
    }

    /// <summary>
    /// Sleeps until the producer commits. It does not sleep at all where something was committed since this consumer
    /// last looked at the head, whatever the token: so a token that was taken too late loses no wake-up.
    /// </summary>
    /// <param name="token">What <see cref="BroadcastToken"/> was.</param>
    /// <param name="timeoutMs">The longest sleep, in milliseconds. There is always one: others can move a sleeper to a
    /// word that nobody wakes.</param>
    /// <returns>Ok: something was committed, or the producer ended. Again: nothing happened yet. Invalid: it is in pull
    /// mode, or the time is negative.</returns>
    public RingStatus WaitBroadcast(uint token, int timeoutMs)
    {
        if (Mode != RingWakeMode.Push || timeoutMs < 0)
        {
            return RingStatus.Invalid;
        }

        if (HasNews(token))
        {
            return RingStatus.Ok;
        }

        BeginSleep();
        if (!HasNews(token))
        {
            _ = Futex.Wait(&_control->Broadcast, token, timeoutMs);
        }

        EndSleep();
        return HasNews(token) ? RingStatus.Ok : RingStatus.Again;
    }

    /// <summary>Leaves the ring: the producer sees the side socket hang up. Views are not valid afterwards.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _pending.Dispose();
            _joined.Dispose();
        }
    }

    /// <summary>The message at an offset that the tail or the end of another message gave.</summary>
    /// <param name="offset">The offset: aligned, and not before the tail.</param>
    /// <param name="physical">The same, modulo the capacity.</param>
    /// <param name="view">Where it lies; padding, too, is a message here.</param>
    /// <param name="header">A copy of its header, to be believed rather than the one in the ring.</param>
    /// <returns>As <see cref="Peek"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal RingStatus ViewAt(ulong offset, ulong physical, out RingMessageView view, out RingMessageHeader header)
    {
        Unsafe.SkipInit(out view);
        Unsafe.SkipInit(out header);
        if (offset == _head && offset == AcquireHead())
        {
            return Evicted == RingEvictionReason.None ? RingStatus.Again : RingStatus.Overflow;
        }

        // The header is read before it is asked whether it may have been overwritten meanwhile.
        byte* at = _ring + physical;
        ulong first = Volatile.Read(ref *(ulong*)at);
        ulong sequenceId = Volatile.Read(ref *(ulong*)(at + sizeof(ulong)));
        ulong available = _head - offset;
        if (Evicted != RingEvictionReason.None || available > _capacity)
        {
            return RingStatus.Overflow;
        }

        header = Unsafe.BitCast<(ulong, ulong), RingMessageHeader>((first, sequenceId));
        ulong totalBytes = RingMessageHeader.SizeBytes + (ulong)header.PayloadBytes;
        if (RawRingProducer.AlignUp(totalBytes) > Math.Min(available, _capacity - physical)
            || header.DescriptorCount > UnixSocket.MaxDescriptors)
        {
            return RingStatus.Protocol;
        }

        view.Header = (RingMessageHeader*)at;
        view.Payload = at + RingMessageHeader.SizeBytes;
        view.PayloadBytes = header.PayloadBytes;
        view.Offset = offset;
        view.TotalBytes = totalBytes;
        return RingStatus.Ok;
    }

    /// <summary>The physical offset so many bytes on; less than a capacity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong Advance(ulong physical, ulong bytes)
    {
        physical += bytes;
        return physical >= _capacity ? physical - _capacity : physical;
    }

    /// <summary>Keeps the mappings for another thread that looks at them, until <see cref="Release"/>.</summary>
    /// <returns>False if they are gone.</returns>
    internal bool TryHold() => _joined.TryHold();

    /// <summary>Ends what <see cref="TryHold"/> began.</summary>
    internal void Release() => _joined.Release();

    /// <summary>Wakes all who sleep on this ring's word, so that they look again.</summary>
    internal void WakeSleepers() => _ = Futex.Wake(&_control->Broadcast);

    /// <summary>Says on the page that a sleep begins. What was committed before must be looked for
    /// afterwards.</summary>
    internal void BeginSleep()
    {
        // Every sleep has another name, so that a producer that woke one knows the next.
        _sleep = _sleep == uint.MaxValue ? FirstSleep : _sleep + 1;
        Volatile.Write(ref _page->Waiting, _sleep); // SYNC POINT: waiting
        Interlocked.MemoryBarrier();
    }

    internal void EndSleep() => Volatile.Write(ref _page->Waiting, Awake);

    internal bool HasNews(uint token) => BroadcastToken != token || Volatile.Read(ref _control->Head) != _head;

    // Somebody wrote the tail without us: a C program may.
    private bool TryTakeTail()
    {
        ulong tail = _page->Tail;
        if ((tail & (Alignment - 1)) != 0)
        {
            return false;
        }

        // It may have been moved beyond the head that was seen last.
        _ = AcquireHead();
        _tail = tail;
        _physical = tail % _capacity;
        return true;
    }
}
