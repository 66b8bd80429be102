using System.Threading.Tasks.Sources;

namespace Vigil.Platform.Linux;

/// <summary>
/// One asynchronous wait at a time for a descriptor to be readable; its state is used again for the next, so that a
/// wait allocates nothing. Thread-safe but for the one waiting.
/// </summary>
/// <remarks>
/// Three may end a wait: the readiness thread, a cancellation, the closing. Each takes <see cref="_isPending"/> under
/// the gate, and only who took it sets the result. <see cref="_isBusy"/> lasts until the result was fetched; only then
/// may the state be reset.
/// </remarks>
/// <param name="handle">The descriptor; it must stay open until <see cref="Close"/>.</param>
public sealed class ReadinessWaiter(DescriptorHandle handle) : IValueTaskSource<bool>
{
    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private ReadinessThread? _thread;
    private bool _isBusy;
    private bool _isPending;
    private bool _isClosed;

    internal DescriptorHandle Handle { get; } = handle;

    internal ulong Token { get; } = ReadinessThread.NextToken();

    /// <summary>Waits until the descriptor is readable: true; false once it is closed.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The wait; it has to be awaited before the next one starts.</returns>
    /// <exception cref="InvalidOperationException">Another wait is in progress.</exception>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    /// <exception cref="VigilException">The kernel has no descriptor left.</exception>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return new ValueTask<bool>(false);
            }

            if (_isBusy)
            {
                throw new InvalidOperationException("Another wait is in progress; one reader at a time can wait.");
            }

            _core.Reset();
            _isBusy = true;
            _isPending = true;
            try
            {
                bool isKnown = _thread is not null;
                ReadinessThread thread = _thread ?? ReadinessThread.Shared;
                thread.Arm(this, isKnown);
                _thread = thread;
            }
            catch
            {
                _isBusy = false;
                _isPending = false;
                throw;
            }
        }

        // Nobody fetches the result, and disposes the registration, before this method returned.
        short version = _core.Version;
        _cancellation = cancellationToken.UnsafeRegister(
            static (state, token) => ((ReadinessWaiter)state!).Cancel(token), this);
        return new ValueTask<bool>(this, version);
    }

    /// <summary>The descriptor is readable.</summary>
    internal void Complete()
    {
        if (TryTake())
        {
            _core.SetResult(true);
        }
    }

    /// <summary>Ends the wait, and every later one, with false. The handle is still open.</summary>
    public void Close()
    {
        bool wasPending;
        lock (_gate)
        {
            _isClosed = true;
            wasPending = _isPending;
            _isPending = false;
            _thread?.Remove(this);
            _thread = null;
        }

        if (wasPending)
        {
            _core.SetResult(false);
        }
    }

    /// <inheritdoc/>
    bool IValueTaskSource<bool>.GetResult(short token)
    {
        // Throws where the token is that of an earlier wait, whose result was fetched already.
        _ = _core.GetStatus(token);
        _cancellation.Dispose();
        _cancellation = default;
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            lock (_gate)
            {
                _isBusy = false;
            }
        }
    }

    /// <inheritdoc/>
    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken cancellationToken)
    {
        if (TryTake())
        {
            _core.SetException(new OperationCanceledException(cancellationToken));
        }
    }

    private bool TryTake()
    {
        lock (_gate)
        {
            if (!_isPending)
            {
                return false;
            }

            _isPending = false;
            _thread?.Disarm(this);
            return true;
        }
    }
}
