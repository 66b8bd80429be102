using System.Runtime.CompilerServices;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Rings;

/// <summary>
/// A reading end of a ring, as the C API zbq has it: views into the mapping, offsets and status codes. One thread at a
/// time uses it. <see cref="RingConsumer"/> is the same for .NET programs, without pointers.
/// </summary>
/// <remarks>Every value that the producer wrote is read once, checked, and then used from the copy.</remarks>
public sealed unsafe partial class RawRingConsumer : IDisposable
{
    private const ulong Alignment = RingMessageHeader.AlignmentBytes;
    private const uint FirstSleep = 2;
    private const uint Awake = 1;

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

    internal RawRingConsumer(JoinedRing joined)
    {
        _joined = joined;
        _control = joined.Control;
        _ring = joined.Ring;
        _page = joined.Page;
        _capacity = joined.CapacityBytes;
        _baselineNs = joined.JoinBaselineNs;
        Mode = joined.Mode;
        _tail = _page->Tail;
        _physical = _tail % _capacity;
        _head = _tail;
        Volatile.Write(ref _page->Waiting, Awake);
    }

    /// <summary>How it learns of messages.</summary>
    public RingWakeMode Mode { get; }

    /// <summary>Bytes of the data ring.</summary>
    public ulong CapacityBytes => _capacity;

    /// <summary>Up to where it is done, as its page says.</summary>
    public ulong Tail => Volatile.Read(ref _page->Tail);

    /// <summary>Why it is no longer a consumer; None while it is one.</summary>
    public RingEvictionReason Evicted => (RingEvictionReason)Volatile.Read(ref _page->Evicted); // SYNC POINT: evicted

    /// <summary>The control page, mapped read-only.</summary>
    public RingControl* Control => _control;

    /// <summary>Its own page. Who changes the tail there is believed as little as a producer would believe it.</summary>
    public RingConsumerPage* Page => _page;

    /// <summary>The word that changes with every commit, for <see cref="WaitBroadcast"/>.</summary>
    public uint BroadcastToken => Volatile.Read(ref _control->Broadcast); // SYNC POINT: broadcast

    /// <summary>Looks how far the producer has come.</summary>
    /// <returns>The head. Up to there <see cref="Publish"/> may go.</returns>
    public ulong AcquireHead() => _head = Volatile.Read(ref _control->Head); // SYNC POINT: head

    /// <summary>The message at the tail. It stays there.</summary>
    /// <param name="view">Where it lies.</param>
    /// <returns>Again: nothing is there yet. Overflow: it was evicted, and what it has not read may be overwritten.
    /// Protocol: what is there is no message, or the tail was set to something that cannot be.</returns>
    public RingStatus Peek(out RingMessageView view)
    {
        ulong tail = _page->Tail;
        if (tail != _tail)
        {
            _tail = tail;
            _physical = tail % _capacity;
        }

        while (true)
        {
            RingStatus status = ViewAt(_tail, _physical, out view);
            if (status != RingStatus.Ok || (view.Header->Flags & RingMessageHeader.PaddingFlag) == 0)
            {
                return status;
            }

            // All before it is read, so the padding is, too: a producer may be waiting for just that room.
            Publish(_tail + view.TotalBytes);
        }
    }

    /// <summary>The message at an offset that <see cref="Tail"/> or the end of another message gave.</summary>
    /// <param name="offset">The offset, not before the tail.</param>
    /// <param name="physical">The same, modulo the capacity.</param>
    /// <param name="view">Where it lies; padding, too, is a message here.</param>
    /// <returns>As <see cref="Peek"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal RingStatus ViewAt(ulong offset, ulong physical, out RingMessageView view)
    {
        Unsafe.SkipInit(out view);
        if (offset == _head && offset == AcquireHead())
        {
            return Evicted == RingEvictionReason.None ? RingStatus.Again : RingStatus.Overflow;
        }

        var header = (RingMessageHeader*)(_ring + physical);
        ulong payloadBytes = Volatile.Read(ref header->PayloadBytes);
        ulong totalBytes = RingMessageHeader.SizeBytes + payloadBytes;
        ulong available = _head - offset;
        if (available > _capacity || Evicted != RingEvictionReason.None)
        {
            return RingStatus.Overflow;
        }

        if (totalBytes > Math.Min(available, _capacity - physical) || (offset & (Alignment - 1)) != 0
            || header->DescriptorCount > UnixSocket.MaxDescriptors)
        {
            return RingStatus.Protocol;
        }

        view.Header = header;
        view.Payload = (byte*)(header + 1);
        view.PayloadBytes = payloadBytes;
        view.Offset = offset;
        view.TotalBytes = totalBytes;
        return RingStatus.Ok;
    }

    /// <summary>Gives the room of what was read back to the producer, and notes the time of the progress.</summary>
    /// <param name="tail">Up to where; rounded up to 16. The present tail only notes the time.</param>
    /// <returns>False, and nothing was done, where that is before the tail or beyond the head last seen.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Publish(ulong tail)
    {
        tail = (tail + (Alignment - 1)) & ~(Alignment - 1);
        ulong read = tail - _tail;
        if (read > _head - _tail)
        {
            return false;
        }

        _page->ProgressNs = MonotonicClock.CoarseNanoseconds - _baselineNs;
        ulong physical = _physical + read;
        _physical = physical >= _capacity ? physical - _capacity : physical;
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
    /// mode.</returns>
    public RingStatus WaitBroadcast(uint token, int timeoutMs)
    {
        if (Mode != RingWakeMode.Push)
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

    /// <summary>Says on the page that a sleep begins. What was committed before must be looked for afterwards.</summary>
    internal void BeginSleep()
    {
        // Every sleep has another name, so that a producer that woke one knows the next.
        _sleep = _sleep == uint.MaxValue ? FirstSleep : _sleep + 1;
        Volatile.Write(ref _page->Waiting, _sleep); // SYNC POINT: waiting
        Interlocked.MemoryBarrier();
    }

    internal void EndSleep() => Volatile.Write(ref _page->Waiting, Awake);

    internal bool HasNews(uint token) => BroadcastToken != token || Volatile.Read(ref _control->Head) != _head;

    /// <summary>Leaves the ring: the producer sees the side socket hang up. Views are not valid afterwards.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _joined.Dispose();
        }
    }
}
