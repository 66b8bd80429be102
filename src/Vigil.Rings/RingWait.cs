using System.Threading.Tasks.Sources;
using Vigil.Platform.Linux;

namespace Vigil.Rings;

/// <summary>
/// One consumer's wait without a thread, used again for each of its waits. It is begun by the consumer and ended by the
/// thread of its <see cref="RingWaiter"/>, and by nobody else.
/// </summary>
internal sealed class RingWait(RingConsumer consumer) : IValueTaskSource<bool>
{
    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };
    private CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;
    private volatile RingWaiter? _waiter;
    private volatile bool _isPending;
    private Exception? _error;
    private uint _token;
    private bool _hasMessage;

    /// <summary>Whether somebody waits.</summary>
    internal bool IsPending => _isPending;

    /// <summary>Begins a wait; the consumer is in use until it ends.</summary>
    /// <param name="token">The word before it was asked whether the producer is there.</param>
    /// <param name="cancellation">Ends it.</param>
    internal ValueTask<bool> Begin(uint token, CancellationToken cancellation)
    {
        _source.Reset();
        _cancellation = cancellation;
        _isPending = true;
        _error = null;
        _token = token;
        consumer.Raw.BeginSleep();
        _registration = cancellation.UnsafeRegister(static wait => ((RingWait)wait!).LookAgain(), this);
        short version = _source.Version;
        try
        {
            RingWaiter.Enlist(this);
        }
        catch
        {
            // No thread could be started.
            _registration.Unregister();
            consumer.Raw.EndSleep();
            consumer.Leave();
            _isPending = false;
            throw;
        }

        return new ValueTask<bool>(this, version);
    }

    /// <summary>The waiter that has it now.</summary>
    internal void BelongTo(RingWaiter waiter) => _waiter = waiter;

    /// <summary>Makes the thread that waits look whether this wait is over. Any thread may ask for that.</summary>
    internal void LookAgain() => _waiter?.LookAgain();

    /// <summary>Wakes a thread that sleeps in <see cref="RingConsumer.Wait"/>.</summary>
    internal void WakeSleeper()
    {
        if (consumer.Raw.TryHold())
        {
            consumer.Raw.WakeSleepers();
            consumer.Raw.Release();
        }
    }

    /// <summary>The waiter's: looks whether the wait is over.</summary>
    /// <param name="isLate">Whether a sleep was as long as it can be: then it is asked whether the producer
    /// lives.</param>
    /// <param name="word">What to sleep on if it is not.</param>
    /// <returns>Whether it is over; then <see cref="End"/> is next.</returns>
    internal unsafe bool IsOver(bool isLate, out FutexWord word)
    {
        RawRingConsumer raw = consumer.Raw;
        uint token = raw.BroadcastToken;
        word = new FutexWord(&raw.Control->Broadcast, token);

        // Whoever is gone wrote all it ever will, so the messages are looked for once more afterwards. A producer that
        // was disposed changed the token.
        bool isGone = false;
        _hasMessage = raw.HasMessage;
        if (!_hasMessage && (isLate || token != _token))
        {
            isGone = !(raw.IsProducerConnected && raw.IsProducerAlive);
            _hasMessage = raw.HasMessage;
        }

        _token = token;
        RingEvictionReason evicted = raw.Evicted;
        if (consumer.IsClosed)
        {
            _error = new ObjectDisposedException(nameof(RingConsumer));
        }
        else if (_cancellation.IsCancellationRequested)
        {
            _error = new OperationCanceledException(_cancellation);
        }
        else if (evicted != RingEvictionReason.None)
        {
            _error = new RingEvictedException(evicted);
        }

        return _hasMessage || isGone || _error is not null;
    }

    /// <summary>The waiter's, once it has let go of the wait: the consumer goes on.</summary>
    internal void End()
    {
        _registration.Unregister();
        consumer.Raw.EndSleep();
        consumer.Leave();
        if (_error is not null)
        {
            _source.SetException(_error);
        }
        else
        {
            _source.SetResult(_hasMessage);
        }
    }

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            _isPending = false;
        }
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
