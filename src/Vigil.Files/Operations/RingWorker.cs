namespace Vigil.IO.Operations;

/// <summary>
/// What a thread of the pool is given to do for a ring: one batch after the other of what has completed, and to whoever
/// waits for it. Used again for the next time, unless it was held up.
/// </summary>
internal sealed class RingWorker(RingCarrier carrier) : IThreadPoolWorkItem
{
    [ThreadStatic]
    private static RingWorker? _ofThread;

    private bool _isStarted;
    private int _timesDry;
    private int _held;

    /// <summary>The one whose continuations run in this thread, or null.</summary>
    internal static RingWorker? OfThread => _ofThread;

    /// <summary>Whose it is.</summary>
    internal RingCarrier Carrier => carrier;

    /// <summary>Whether a thread has begun with it.</summary>
    internal bool IsStarted => Volatile.Read(ref _isStarted);

    /// <summary>How often it has found nothing to do: as long as it does, nothing waits for long.</summary>
    internal int TimesDry => Volatile.Read(ref _timesDry);

    /// <summary>Before it is given to the pool.</summary>
    internal void Reset() => _isStarted = false;

    /// <summary>It has found nothing to do.</summary>
    internal void RunDry() => Volatile.Write(ref _timesDry, _timesDry + 1);

    /// <summary>One more entry that is held back for the end of the batch.</summary>
    /// <returns>How many there are.</returns>
    internal int HoldBack() => ++_held;

    /// <summary>What was held back is submitted.</summary>
    internal void LetGo() => _held = 0;

    /// <inheritdoc/>
    public void Execute()
    {
        _ofThread = this;
        Volatile.Write(ref _isStarted, true);
        carrier.Work(this);
        _ofThread = null;
    }
}
