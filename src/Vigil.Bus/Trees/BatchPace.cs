namespace Vigil.Bus.Trees;

/// <summary>
/// When to take what a watcher has told. In a stream, who takes each change at once wakes every subscriber for each; a
/// millisecond's pause makes batches of hundreds. So a few looks are eager, which is all that a change after a quiet
/// moment needs, and the right to them comes back with time. For one thread at a time.
/// </summary>
internal sealed class BatchPace
{
    private const int MaxEager = 8;
    private const int RefillMs = 8;

    private int _eager = MaxEager;
    private long _refilledMs = Environment.TickCount64;

    /// <summary>Whether a pause is due before the next look.</summary>
    internal bool IsPauseDue()
    {
        long nowMs = Environment.TickCount64;
        long refills = (nowMs - _refilledMs) / RefillMs;
        if (refills > 0)
        {
            _eager = (int)Math.Min(MaxEager, _eager + refills);
            _refilledMs = nowMs;
        }

        return --_eager < 0;
    }
}
