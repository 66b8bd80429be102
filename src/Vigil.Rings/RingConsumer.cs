using System.Diagnostics;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Rings;

/// <summary>
/// A reading end of a ring in shared memory. One thread at a time reads and waits; <see cref="Dispose"/> and the
/// properties may be called by any thread at any time.
/// </summary>
/// <example>
/// <code>
/// using var consumer = await RingConsumer.JoinAsync("/run/user/1000/prices.ring", cancellation);
/// while (await consumer.WaitAsync(cancellation))
///     foreach (RingMessage message in consumer.ReadBatch())
///         Handle(message.Payload);
/// </code>
/// </example>
public sealed class RingConsumer : IDisposable
{
    // Others can move a sleeper to a word that nobody wakes, so no sleep is longer. It is also how soon the end of a
    // producer is seen that was killed.
    internal const int LongestSleepMs = 100;

    private const int ConnectAgainMs = 10;

    // A batch is at most so much of the ring: the producer shall not wait for the rest of a long one.
    private const int BatchShift = 3;

    // After so many looks in a row that found something, each waits a little; after twice as many, twice as long …
    private const int ManyFinds = 4;

    // … up to here.
    private const int MostFinds = 4 * ManyFinds;

    // So many looks with one pause between them.
    private const int CloseLooks = 16;

    private readonly RawRingConsumer _raw;
    private readonly long _spinTicks;
    private readonly RingWait _wait;
    private int _findsInARow;
    private UseGuard _guard;
    private bool _isReading;

    private RingConsumer(RawRingConsumer raw, RingConsumerOptions options)
    {
        _raw = raw;
        _spinTicks = (long)(options.SpinBudget.TotalSeconds * Stopwatch.Frequency);
        _wait = new RingWait(this);
        Cursor = new RingCursor(this, raw);
    }

    /// <summary>How it learns of messages.</summary>
    public RingWakeMode Mode => _raw.Mode;

    /// <summary>Bytes of the ring.</summary>
    public long CapacityBytes => (long)_raw.CapacityBytes;

    /// <summary>Its place among the producer's consumers.</summary>
    public int Slot => (int)_raw.Slot;

    /// <summary>Why it is no longer a consumer; None while it is one, and after it was disposed.</summary>
    public RingEvictionReason Evicted => WithMapping(raw => raw.Evicted);

    /// <summary>How much of the ring it has still to read, in bytes; 0 after it was disposed.</summary>
    public long UnreadBytes => WithMapping(raw => (long)raw.UnreadBytes);

    /// <summary>
    /// Whether the producer's process runs; false after this was disposed. A call to the kernel. See
    /// <see cref="IsProducerConnected"/>.
    /// </summary>
    public bool IsProducerAlive => WithMapping(raw => raw.IsProducerAlive);

    /// <summary>
    /// Whether the producer still has this consumer: it runs, was not disposed, and did not evict it. A call to the
    /// kernel.
    /// </summary>
    public bool IsProducerConnected => WithMapping(raw => raw.IsProducerConnected);

    internal RawRingConsumer Raw => _raw;

    internal RingCursor Cursor { get; }

    /// <summary>Whether a batch is being read.</summary>
    internal bool IsReading => _isReading;

    internal bool IsClosed => _guard.IsClosed;

    internal ulong LongestBatchBytes => _raw.CapacityBytes >> BatchShift;

    /// <summary>Becomes a consumer of the producer that listens at a path.</summary>
    /// <param name="path">The path of its Unix socket.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <returns>The consumer; the caller disposes it. It reads from now on.</returns>
    /// <exception cref="VigilException">ENOENT or ECONNREFUSED: no producer listens there; EACCES; EAGAIN: it accepts
    /// nobody.</exception>
    /// <exception cref="RingException">The producer sent no ring, or something that is none.</exception>
    /// <exception cref="ArgumentException">The path is empty or too long.</exception>
    /// <exception cref="OperationCanceledException">The attempt was ended.</exception>
    public static Task<RingConsumer> JoinAsync(string path, CancellationToken cancellation = default) =>
        JoinAsync(path, new RingConsumerOptions(), cancellation);

    /// <summary>Becomes a consumer of the producer that listens at a path.</summary>
    /// <param name="path">The path of its Unix socket.</param>
    /// <param name="options">How it joins and waits.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <returns>The consumer; the caller disposes it. It reads from now on.</returns>
    /// <exception cref="VigilException">ENOENT or ECONNREFUSED: no producer listens there; EACCES; EAGAIN: it accepts
    /// nobody.</exception>
    /// <exception cref="RingException">The producer sent no ring, or something that is none.</exception>
    /// <exception cref="ArgumentException">The path is empty or too long.</exception>
    /// <exception cref="OperationCanceledException">The attempt was ended.</exception>
    public static Task<RingConsumer> JoinAsync(
        string path, RingConsumerOptions options, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        return Task.Run(() => JoinAtAsync(path, options, cancellation), cancellation);
    }

    /// <summary>Becomes a consumer of the producer at the other end of a connection. Waits for its answer.</summary>
    /// <param name="connection">A connected Unix socket; the caller keeps it, and may close it afterwards.</param>
    /// <param name="options">How it joins and waits; null for the defaults.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <returns>The consumer; the caller disposes it. It reads from now on.</returns>
    /// <exception cref="RingException">The producer sent no ring, or something that is none.</exception>
    /// <exception cref="OperationCanceledException">The attempt was ended.</exception>
    public static RingConsumer Join(
        UnixSocket connection, RingConsumerOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        options ??= new RingConsumerOptions();
        return Join(connection, options, "connection", DeadlineOf(options), cancellation);
    }

    /// <summary>
    /// The messages that are there now: up to an eighth of the ring, and at least one if there is one. To be read with
    /// foreach, whose end gives their room back to the producer, also by break or an exception; what was handed out
    /// counts as read. A loop that ended by itself read only messages that were whole.
    /// </summary>
    /// <param name="scope">Not to be given: by it the compiler knows that nothing of the batch may leave the block of
    /// this call.</param>
    /// <returns>The batch. Nothing is read before the foreach begins.</returns>
    public RingBatch ReadBatch(in RingBatchScope scope = default) => new(this, in scope);

    /// <summary>
    /// Waits for a message: first by looking, for <see cref="RingConsumerOptions.SpinBudget"/>, then asleep.
    /// </summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>True: there is something to read, if only padding, and then a batch is empty. False: there is not, and
    /// never will be, because the producer is gone.</returns>
    /// <exception cref="RingEvictedException">The producer no longer waits for this consumer.</exception>
    /// <exception cref="InvalidOperationException">It is in pull mode, where the producer wakes nobody: call
    /// <see cref="ReadBatch"/> when you like; or a batch of it is being read, or it is waited for already.</exception>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public bool Wait(CancellationToken cancellation = default)
    {
        RequirePush();
        RequireUnused();
        Enter();
        try
        {
            return SpinForMessage() || Sleep(cancellation);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>
    /// Waits for a message. No thread is blocked: one thread sleeps for all consumers of the process (futex_waitv(2)).
    /// </summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>True: there is something to read, if only padding, and then a batch is empty. False: there is not, and
    /// never will be, because the producer is gone. To be awaited once, before the consumer is used for anything
    /// else.</returns>
    /// <exception cref="RingEvictedException">The producer no longer waits for this consumer.</exception>
    /// <exception cref="InvalidOperationException">It is in pull mode, where the producer wakes nobody; or it is waited
    /// for already.</exception>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public ValueTask<bool> WaitAsync(CancellationToken cancellation = default)
    {
        RequirePush();
        RequireUnused();
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<bool>(cancellation);
        }

        Enter();
        uint token = _raw.BroadcastToken;
        if (_raw.HasMessage || !_raw.IsProducerConnected)
        {
            bool hasMessage = _raw.HasMessage;
            RingEvictionReason evicted = _raw.Evicted;
            Leave();
            return evicted == RingEvictionReason.None
                ? ValueTask.FromResult(hasMessage)
                : ValueTask.FromException<bool>(new RingEvictedException(evicted));
        }

        return _wait.Begin(token, cancellation);
    }

    /// <summary>Leaves the ring. A wait ends; a batch that is being read stays readable to its end.</summary>
    public void Dispose()
    {
        if (_guard.Close())
        {
            _raw.Dispose();
        }
        else
        {
            _wait.WakeSleeper();
        }

        _wait.LookAgain();
    }

    internal void Enter()
    {
        if (!_guard.TryEnter())
        {
            Leave();
            ObjectDisposedException.ThrowIf(true, this);
        }
    }

    internal void Leave()
    {
        if (_guard.Leave())
        {
            _raw.Dispose();
        }
    }

    internal void BeginReading()
    {
        RequireUnused();
        Enter();
        _isReading = true;
    }

    internal void EndReading()
    {
        _isReading = false;
        Leave();
    }

    private static async Task<RingConsumer> JoinAtAsync(
        string path, RingConsumerOptions options, CancellationToken cancellation)
    {
        long deadline = DeadlineOf(options);
        while (true)
        {
            using UnixSocket? connection = UnixSocket.TryConnect(path, out Failure failure);
            if (connection is not null)
            {
                return Join(connection, options, path, deadline, cancellation);
            }

            if (failure is not (Failure.WouldBlock or Failure.Interrupted) || Environment.TickCount64 >= deadline)
            {
                using UnixSocket last = UnixSocket.Connect(path);
                return Join(last, options, path, deadline, cancellation);
            }

            // As many wait to be accepted as can.
            await Task.Delay(ConnectAgainMs, cancellation).ConfigureAwait(false);
        }
    }

    private static long DeadlineOf(RingConsumerOptions options) => options.JoinTimeout == Timeout.InfiniteTimeSpan
        ? long.MaxValue
        : Environment.TickCount64 + (long)options.JoinTimeout.TotalMilliseconds;

    private static RingConsumer Join(
        UnixSocket connection, RingConsumerOptions options, string where, long deadline, CancellationToken cancellation)
    {
        while (true)
        {
            // In slices, so that the attempt can be ended.
            long left = Math.Max(0, deadline - Environment.TickCount64);
            RingStatus status = RawRingConsumer.Join(
                connection,
                options.Mode,
                (int)Math.Min(left, LongestSleepMs),
                out RawRingConsumer? raw,
                out string problem);
            if (raw is not null)
            {
                return new RingConsumer(raw, options);
            }

            cancellation.ThrowIfCancellationRequested();
            if (status != RingStatus.Again || left == 0)
            {
                throw new RingException(status, $"{where}: no ring could be joined: {problem}");
            }
        }
    }

    /// <summary>
    /// Looks for messages behind those that were read. A reader that finds some at every look keeps up with its writer
    /// in batches of a few messages; it waits a little before the next look, the longer that goes on the longer, and
    /// batches grow. Measured: more messages a second at both ends, the more so the faster the reader is. Presumably
    /// the line of the head goes to and fro less often. Who waits for an answer finds nothing at the first look, and
    /// does not wait here.
    /// </summary>
    /// <returns>Whether there are any.</returns>
    internal bool LookForMore()
    {
        for (int finds = ManyFinds; finds <= _findsInARow; finds += ManyFinds)
        {
            Pause.Long();
        }

        bool hasFound = _raw.HasMessage;
        _findsInARow = hasFound ? Math.Min(_findsInARow + 1, MostFinds) : 0;
        return hasFound;
    }

    private bool SpinForMessage()
    {
        if (LookForMore())
        {
            return CheckNotEvicted();
        }

        if (_spinTicks > 0)
        {
            long end = Stopwatch.GetTimestamp() + _spinTicks;
            int pauses = 1;
            int looks = 0;
            do
            {
                // An answer that is on its way comes within the first looks, which are close together.
                int next = Pause.For(pauses);
                pauses = ++looks < CloseLooks ? pauses : next;
                if (_raw.HasMessage)
                {
                    return CheckNotEvicted();
                }
            }
            while (Stopwatch.GetTimestamp() < end);
        }

        return false;
    }

    private bool Sleep(CancellationToken cancellation)
    {
        using CancellationTokenRegistration registration = cancellation.UnsafeRegister(
            static wait => ((RingWait)wait!).WakeSleeper(), _wait);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_guard.IsClosed, this);
            uint token = _raw.BroadcastToken;
            bool isGone = !_raw.IsProducerConnected;
            if (_raw.HasMessage || isGone)
            {
                return CheckNotEvicted() && _raw.HasMessage;
            }

            if (_raw.WaitBroadcast(token, LongestSleepMs) == RingStatus.Again && !_raw.IsProducerAlive)
            {
                return _raw.HasMessage && CheckNotEvicted();
            }
        }
    }

    private bool CheckNotEvicted()
    {
        RingEvictionReason reason = _raw.Evicted;
        return reason == RingEvictionReason.None ? true : throw new RingEvictedException(reason);
    }

    private void RequirePush()
    {
        if (Mode != RingWakeMode.Push)
        {
            throw new InvalidOperationException(
                "This consumer is in pull mode, where the producer wakes nobody: call ReadBatch when you like.");
        }
    }

    // A wait that is pending ends on another thread, which then leaves the consumer.
    private void RequireUnused()
    {
        if (_isReading)
        {
            throw new InvalidOperationException("A batch of this consumer is being read.");
        }


        if (_wait.IsPending)
        {
            throw new InvalidOperationException("This consumer is waited for already: await that first.");
        }
    }

    // For threads that are not the reader: the mapping is held while they look.
    private T WithMapping<T>(Func<RawRingConsumer, T> look)
    {
        return _raw.TryHold() ? LookAndRelease(look) : default!;
    }

    private T LookAndRelease<T>(Func<RawRingConsumer, T> look)
    {
        try
        {
            return look(_raw);
        }
        finally
        {
            _raw.Release();
        }
    }
}
