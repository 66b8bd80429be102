namespace Vigil.Platform.Linux;

/// <summary>
/// The one thread of the process that waits, with epoll(7), for all descriptors that are awaited. It starts with the
/// first wait and then stays. It runs no code of a user: what it wakes goes on elsewhere. Thread-safe.
/// </summary>
/// <remarks>
/// A waiter is referenced from here only while it waits, so one that nobody disposes is still collected.
/// Lock order: a waiter's gate may be held while this gate is taken, never the other way round.
/// </remarks>
internal sealed class ReadinessThread
{
    private const int MaxReports = 64;

    private static readonly Lock StartGate = new();
    private static ReadinessThread? _shared;
    private static ulong _lastToken;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, ReadinessWaiter> _waiting = [];
    private readonly Epoll _epoll = Epoll.Create();

    private ReadinessThread() =>
        new Thread(Run) { IsBackground = true, Name = "Vigil readiness" }.UnsafeStart();

    /// <summary>The one of this process.</summary>
    /// <exception cref="VigilException">The kernel has no descriptor left for it.</exception>
    internal static ReadinessThread Shared
    {
        get
        {
            lock (StartGate)
            {
                return _shared ??= new ReadinessThread();
            }
        }
    }

    /// <summary>A number that no other waiter of this process has: descriptors are used again, these are not.</summary>
    internal static ulong NextToken() => Interlocked.Increment(ref _lastToken);

    /// <summary>Completes the waiter once its handle is readable, which may be at once.</summary>
    /// <param name="waiter">Who waits.</param>
    /// <param name="isKnown">Whether it waited before.</param>
    internal void Arm(ReadinessWaiter waiter, bool isKnown)
    {
        lock (_gate)
        {
            _waiting[waiter.Token] = waiter;
        }

        try
        {
            if (isKnown)
            {
                _epoll.Arm(waiter.Handle, waiter.Token);
            }
            else
            {
                _epoll.Add(waiter.Handle, waiter.Token);
            }
        }
        catch
        {
            Disarm(waiter);
            throw;
        }
    }

    /// <summary>
    /// Forgets a wait. A report that is on its way finds nobody, which is fine: the next wait arms again. Where that
    /// comes first, the report completes the next wait, maybe with nothing left to read: as with every readiness, the
    /// reader reads without waiting and, where there is nothing, waits again.
    /// </summary>
    /// <param name="waiter">Who waited.</param>
    internal void Disarm(ReadinessWaiter waiter)
    {
        lock (_gate)
        {
            _waiting.Remove(waiter.Token);
        }
    }

    /// <summary>
    /// Takes the handle out, before it is closed: the kernel would do so only when the last copy of the descriptor is
    /// closed, and another process may have inherited one (epoll(7)).
    /// </summary>
    /// <param name="waiter">Whose handle it is.</param>
    internal void Remove(ReadinessWaiter waiter)
    {
        Disarm(waiter);
        _epoll.Remove(waiter.Handle);
    }

    private void Run()
    {
        Span<ulong> tokens = stackalloc ulong[MaxReports];
        while (true)
        {
            int count = _epoll.Wait(tokens, timeoutMs: -1);
            foreach (ulong token in tokens[..count])
            {
                ReadinessWaiter? waiter;
                lock (_gate)
                {
                    _waiting.Remove(token, out waiter);
                }

                waiter?.Complete();
            }
        }
    }
}
