using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Rings;

/// <summary>
/// The writing end of a ring in shared memory: one writer, many readers in other processes, no copies. One thread at a
/// time writes (<see cref="TryWrite(ReadOnlySpan{byte})"/>, <see cref="TryReserve"/>, <see cref="Commit()"/>); all
/// other members may be called by any thread at any time.
/// </summary>
/// <remarks>
/// The writer never waits for a consumer by itself: where the slowest has not read far enough, a write says false.
/// Consumers that are dead, hung or corrupt do not count; they are found once <see cref="RingOptions.ClogThreshold"/>
/// writes failed, or by <see cref="Scan"/>. A write allocates nothing, and calls the kernel only to wake a consumer
/// that sleeps.
/// </remarks>
/// <example>
/// <code>
/// using var producer = RingProducer.Create(new RingOptions { CapacityBytes = 1 &lt;&lt; 20 });
/// using var door = producer.Listen("/run/user/1000/prices.ring");
/// producer.TryWrite("hello"u8);
/// </code>
/// </example>
public sealed unsafe class RingProducer : IDisposable
{
    private readonly RawRingProducer _raw;
    private UseGuard _guard;

    // The header of what was reserved last; null where nothing is reserved.
    private byte* _last;

    private RingProducer(RawRingProducer raw)
    {
        _raw = raw;
        MaxPayloadBytes = (int)Math.Min(int.MaxValue, raw.CapacityBytes - RingMessageHeader.SizeBytes);
    }

    /// <summary>Bytes of the ring.</summary>
    public long CapacityBytes => (long)_raw.CapacityBytes;

    /// <summary>
    /// The largest payload of a message. One of more than half the ring goes in only when the consumers have read
    /// everything.
    /// </summary>
    public int MaxPayloadBytes { get; }

    /// <summary>What it did so far.</summary>
    public RingStatistics Statistics => _raw.Statistics;

    /// <summary>
    /// Consumers that left or were evicted, with the reason. The last 1024 are kept until somebody reads them; it ends
    /// when the producer is disposed.
    /// </summary>
    public ChannelReader<RingEviction> Evictions => _raw.Evictions;

    internal RawRingProducer Raw => _raw;

    /// <summary>Creates a ring without consumers.</summary>
    /// <param name="options">What it is to be; null for the defaults.</param>
    /// <returns>The producer; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">An option has a value that cannot be.</exception>
    /// <exception cref="VigilException">ENOMEM: there is not so much memory; EMFILE.</exception>
    public static RingProducer Create(RingOptions? options = null)
    {
        options ??= new RingOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(options.CapacityBytes, nameof(options.CapacityBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxConsumers, 1, nameof(options.MaxConsumers));
        ArgumentOutOfRangeException.ThrowIfNegative(options.ClogThreshold, nameof(options.ClogThreshold));
        RingParameters parameters = new()
        {
            CapacityBytes = (ulong)options.CapacityBytes,
            MaxConsumers = (uint)options.MaxConsumers,
            ClogThreshold = (ulong)options.ClogThreshold,
            StallTimeoutNs = Nanoseconds(options.StallTimeout, nameof(options.StallTimeout)),
        };
        ulong slowTimeoutNs = Nanoseconds(options.SlowTimeout, nameof(options.SlowTimeout));
        RawRingProducer raw = RawRingProducer.Create(parameters);
        raw.SlowTimeoutNs = slowTimeoutNs;
        return new RingProducer(raw);
    }

    /// <summary>Lets consumers join at the path of a Unix socket, on a thread of its own.</summary>
    /// <param name="path">Where: at most 107 bytes. A socket that a process which ended left there is replaced.</param>
    /// <param name="options">Who is let in, and how; null: processes of this user, in push mode.</param>
    /// <returns>The door; the caller disposes it. Consumers that joined stay when it is closed.</returns>
    /// <exception cref="VigilException">EADDRINUSE: another process listens there; EACCES, ENOENT, EMFILE.</exception>
    /// <exception cref="ArgumentException">The path is empty or too long.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public RingListener Listen(string path, RingListenOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(_guard.IsClosed, this);
        return RingListener.Open(this, path, options ?? new RingListenOptions());
    }

    /// <summary>Makes the process at the other end of a connection a consumer.</summary>
    /// <param name="connection">A connected Unix socket; the caller keeps it, and may close it afterwards.</param>
    /// <param name="mode">How the consumer learns of messages.</param>
    /// <returns>Ok. NotFound: there are as many consumers as there can be. Io: no connected socket, or the other end
    /// is closed. NoMemory.</returns>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public RingStatus Admit(UnixSocket connection, RingWakeMode mode = RingWakeMode.Push) =>
        _raw.Handshake(connection, mode, out _);

    /// <summary>As <see cref="Admit(UnixSocket, RingWakeMode)"/>, and tells which consumer it is.</summary>
    /// <param name="connection">A connected Unix socket; the caller keeps it, and may close it afterwards.</param>
    /// <param name="mode">How the consumer learns of messages.</param>
    /// <param name="consumerId">Its number, by which <see cref="RingConsumerInfo"/>, <see cref="RingEviction"/> and
    /// <see cref="Evict"/> know it.</param>
    /// <returns>As there.</returns>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public RingStatus Admit(UnixSocket connection, RingWakeMode mode, out ulong consumerId) =>
        _raw.Handshake(connection, mode, out _, out consumerId);

    /// <summary>Takes a consumer out, which is told that it is <see cref="RingEvictionReason.Gone"/>.</summary>
    /// <param name="consumerId">Its number.</param>
    /// <returns>Whether it was one.</returns>
    public bool Evict(ulong consumerId) => _raw.Evict(consumerId, RingEvictionReason.Gone);

    /// <summary>Takes all consumers out, who are told that they are <see cref="RingEvictionReason.TooSlow"/>: for a
    /// writer that has something for them which this ring cannot carry. Those who join afterwards stay.</summary>
    /// <returns>How many there were.</returns>
    public int EvictAll() => _raw.EvictAll(RingEvictionReason.TooSlow);

    /// <summary>
    /// Evicts, as too slow, every consumer that leaves less room than a message needs: then the next write of it finds
    /// room. For a writer that waits for nobody, whose consumers can make up for what they miss. The writer's, while
    /// nothing is reserved.
    /// </summary>
    /// <param name="payloadBytes">The payload of the message, at most <see cref="MaxPayloadBytes"/>.</param>
    /// <returns>How many were evicted.</returns>
    /// <exception cref="ArgumentException">It is larger than a message can be, or negative.</exception>
    /// <exception cref="InvalidOperationException">Something is reserved and not committed.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public int EvictBlocking(int payloadBytes)
    {
        if ((uint)payloadBytes > (uint)MaxPayloadBytes || _last != null)
        {
            ThrowCannotWrite(payloadBytes);
        }

        Enter();
        try
        {
            return _raw.EvictBlocking(SizeOf(payloadBytes));
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Writes one message.</summary>
    /// <param name="payload">Its bytes, at most <see cref="MaxPayloadBytes"/>.</param>
    /// <returns>False, and nothing was written, where a consumer has to read first.</returns>
    /// <exception cref="ArgumentException">It is larger than a message can be.</exception>
    /// <exception cref="InvalidOperationException">Something is reserved and not committed.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public bool TryWrite(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > MaxPayloadBytes || _last != null)
        {
            ThrowCannotWrite(payload.Length);
        }

        Enter();
        RawRingProducer raw = _raw;
        ulong bytes = SizeOf(payload.Length);
        byte* at = raw.TryRoom(bytes);
        if (at == null)
        {
            at = ClaimSlow(bytes);
            raw.UnclaimAll();
        }

        if (at != null)
        {
            WriteHeader(at, payload.Length, descriptors: 0, sequenceId: 0);
            payload.CopyTo(new Span<byte>(at + RingMessageHeader.SizeBytes, payload.Length));
            raw.Publish(bytes);
        }

        Leave();
        return at != null;
    }

    /// <summary>
    /// Whether no consumer in push mode would miss the descriptors of a message that is written now. Thread-safe.
    /// </summary>
    /// <param name="count">How many there are.</param>
    /// <returns>False where one has not received as many as may be under way.</returns>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public bool CanSendDescriptors(int count) => _raw.CanSendDescriptors(count);

    /// <summary>
    /// Writes one message with open descriptors, which every consumer in push mode is given copies of. One that has not
    /// received those of earlier messages may miss them: see <see cref="RingConsumerInfo.MissedRecords"/>.
    /// </summary>
    /// <param name="payload">Its bytes, at most <see cref="MaxPayloadBytes"/>.</param>
    /// <param name="descriptors">The handles, at most 253; the caller keeps them.</param>
    /// <returns>False, and nothing was written, where a consumer has to read first.</returns>
    /// <exception cref="ArgumentException">The message is too large, there are too many handles, or one is not an open
    /// descriptor. Nothing was written.</exception>
    /// <exception cref="InvalidOperationException">Something is reserved and not committed.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed, or a handle was.</exception>
    public bool TryWrite(ReadOnlySpan<byte> payload, ReadOnlySpan<SafeHandle> descriptors)
    {
        if (payload.Length > MaxPayloadBytes || _last != null)
        {
            ThrowCannotWrite(payload.Length);
        }

        if (descriptors.Length > UnixSocket.MaxDescriptors)
        {
            throw new ArgumentException(
                $"A message can have {UnixSocket.MaxDescriptors} descriptors, not {descriptors.Length}.",
                nameof(descriptors));
        }

        if (descriptors.IsEmpty)
        {
            return TryWrite(payload);
        }

        Enter();
        try
        {
            using var handles = new HeldDescriptors(descriptors);
            using Lock.Scope held = _raw.HoldConsumers();
            byte* at = _raw.Claim(SizeOf(payload.Length));
            if (at == null)
            {
                return false;
            }

            ulong sequenceId = _raw.NextSequenceId();
            if (_raw.BroadcastDescriptors(sequenceId, handles.Numbers) == RingStatus.Io)
            {
                throw new ArgumentException("A handle is not an open descriptor.", nameof(descriptors));
            }

            WriteHeader(at, payload.Length, (byte)descriptors.Length, sequenceId);
            payload.CopyTo(new Span<byte>(at + RingMessageHeader.SizeBytes, payload.Length));
            _raw.PublishClaimed();
            return true;
        }
        finally
        {
            _raw.UnclaimAll();
            Leave();
        }
    }

    /// <summary>
    /// Writes one message, and waits for room if there is none: first by looking again, then by sleeping for a
    /// millisecond at a time.
    /// </summary>
    /// <param name="payload">Its bytes, at most <see cref="MaxPayloadBytes"/>.</param>
    /// <param name="timeout">How long to wait; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>False, and nothing was written, where there was no room in time.</returns>
    /// <exception cref="ArgumentException">It is larger than a message can be.</exception>
    /// <exception cref="InvalidOperationException">Something is reserved and not committed.</exception>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public bool Write(ReadOnlySpan<byte> payload, TimeSpan timeout, CancellationToken cancellation = default)
    {
        if (TryWrite(payload))
        {
            return true;
        }

        long deadline = timeout == Timeout.InfiniteTimeSpan
            ? long.MaxValue
            : Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        var spin = default(SpinWait);
        while (Environment.TickCount64 < deadline)
        {
            cancellation.ThrowIfCancellationRequested();
            spin.SpinOnce();
            if (TryWrite(payload))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Takes room for a message in the ring itself, to be written in place. Several may be taken one after the other;
    /// <see cref="Commit()"/> shows them all to the consumers at once.
    /// </summary>
    /// <param name="payloadBytes">How much, at most <see cref="MaxPayloadBytes"/>.</param>
    /// <param name="payload">The room. Its bytes are those of older messages. Valid until the commit.</param>
    /// <returns>False where a consumer has to read first, or where what was reserved before has to be committed
    /// first.</returns>
    /// <exception cref="ArgumentException">It is larger than a message can be, or negative.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReserve(int payloadBytes, out Span<byte> payload)
    {
        if ((uint)payloadBytes > (uint)MaxPayloadBytes)
        {
            ThrowTooLarge(payloadBytes);
        }

        bool isFirst = _last == null;
        if (isFirst)
        {
            Enter();
        }
        else
        {
            RequireOpen();
        }

        ulong bytes = SizeOf(payloadBytes);
        byte* at = _raw.TryClaim(bytes);
        if (at == null && (at = ClaimSlow(bytes)) == null)
        {
            if (isFirst)
            {
                Leave();
            }

            payload = default;
            return false;
        }

        _last = at;
        WriteHeader(at, payloadBytes, descriptors: 0, sequenceId: 0);
        payload = MemoryMarshal.CreateSpan(ref *(at + RingMessageHeader.SizeBytes), payloadBytes);
        return true;
    }

    /// <summary>Shows the consumers all that was reserved.</summary>
    /// <exception cref="InvalidOperationException">Nothing is reserved.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed: what was reserved is lost.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Commit()
    {
        RequireReserved();
        RequireOpen();
        _last = null;
        _raw.PublishClaimed();
        Leave();
    }

    /// <summary>Shows the consumers all that was reserved, the last message with a smaller payload.</summary>
    /// <param name="lastPayloadBytes">The payload of the last one; at most what was reserved for it.</param>
    /// <exception cref="ArgumentOutOfRangeException">That is more, or negative. It is still reserved.</exception>
    /// <exception cref="InvalidOperationException">Nothing is reserved.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed: what was reserved is lost.</exception>
    public void Commit(int lastPayloadBytes)
    {
        RequireReserved();
        uint reserved = ((RingMessageHeader*)_last)->PayloadBytes;
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)lastPayloadBytes, reserved, nameof(lastPayloadBytes));
        WriteHeader(_last, lastPayloadBytes, descriptors: 0, sequenceId: 0);
        _raw.Unclaim(SizeOf((int)reserved) - SizeOf(lastPayloadBytes));
        Commit();
    }

    /// <summary>Gives back all that was reserved; the consumers see nothing of it.</summary>
    /// <exception cref="InvalidOperationException">Nothing is reserved.</exception>
    public void Discard()
    {
        RequireReserved();
        _last = null;
        _raw.UnclaimAll();
        Leave();
    }

    /// <summary>Looks for consumers that are dead, hung, corrupt or too slow, and evicts them.</summary>
    public void Scan() => _raw.Scan();

    /// <summary>
    /// The consumers as they are now. The writer is not held up. One that left is still there until it is noticed: at
    /// once while a <see cref="RingListener"/> is open, else when the ring is full or by <see cref="Scan"/>.
    /// </summary>
    /// <returns>One entry for each, by slot.</returns>
    public RingConsumerInfo[] GetConsumers() => _raw.GetConsumers();

    /// <summary>
    /// Ends the ring: consumers that wait are woken, and can still read what was committed. What is reserved is lost;
    /// its memory stays until it is given back.
    /// </summary>
    public void Dispose()
    {
        bool isUnused = _guard.Close();
        _raw.End();
        if (isUnused)
        {
            _raw.Dispose();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong SizeOf(int payloadBytes) =>
        RawRingProducer.AlignUp(RingMessageHeader.SizeBytes + (ulong)(uint)payloadBytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteHeader(byte* at, int payloadBytes, byte descriptors, ulong sequenceId)
    {
        *(ulong*)at = (uint)payloadBytes | ((ulong)descriptors << 32);
        *(ulong*)(at + sizeof(ulong)) = sequenceId;
    }

    // 0 is never, and so is what .NET calls an infinite time-out.
    private static ulong Nanoseconds(TimeSpan time, string name)
    {
        if (time == Timeout.InfiniteTimeSpan)
        {
            return 0;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero, name);
        return (ulong)Math.Min(time.Ticks, long.MaxValue / TimeSpan.NanosecondsPerTick) * TimeSpan.NanosecondsPerTick;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* ClaimSlow(ulong bytes)
    {
        try
        {
            return _raw.Claim(bytes);
        }
        catch
        {
            // A thread that waited for the gate can be interrupted there.
            if (_last == null)
            {
                Leave();
            }

            throw;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Enter()
    {
        if (!_guard.TryEnter())
        {
            Leave();
            ObjectDisposedException.ThrowIf(true, this);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Leave()
    {
        if (_guard.Leave())
        {
            _raw.Dispose();
        }
    }

    // What is reserved when the producer is disposed is lost.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RequireOpen()
    {
        if (_guard.IsClosed)
        {
            Discard();
            ObjectDisposedException.ThrowIf(true, this);
        }
    }

    private void RequireReserved()
    {
        if (_last == null)
        {
            ObjectDisposedException.ThrowIf(_guard.IsClosed, this);
            throw new InvalidOperationException("Nothing is reserved: TryReserve comes first.");
        }
    }

    private void ThrowCannotWrite(int payloadBytes)
    {
        if (_last != null)
        {
            throw new InvalidOperationException("Something is reserved: Commit or Discard it first.");
        }

        ThrowTooLarge(payloadBytes);
    }

    private void ThrowTooLarge(int payloadBytes) =>
        throw new ArgumentException(
            $"A message of this ring can have a payload of 0 to {MaxPayloadBytes} bytes, not {payloadBytes}; make the "
            + "ring larger (RingOptions.CapacityBytes) or write several messages.",
            nameof(payloadBytes));
}
