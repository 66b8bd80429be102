namespace Vigil.Watching;

/// <summary>
/// A moment on the monotonic clock until which something waits, however often the wait is interrupted.
/// </summary>
internal readonly struct Deadline
{
    private const long Never = long.MaxValue;

    private readonly long _atMs;

    private Deadline(long atMs) => _atMs = atMs;

    /// <summary>The moment that is this far away, rounded up to the millisecond.</summary>
    /// <param name="timeout">Not negative, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <returns>The deadline.</returns>
    internal static Deadline After(TimeSpan timeout)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            return new Deadline(Never);
        }

        // TimeSpan.MaxValue is about 9.2e14 ms: the sum stays far below long.MaxValue.
        return new Deadline(Environment.TickCount64 + (long)Math.Ceiling(timeout.TotalMilliseconds));
    }

    /// <summary>The milliseconds left, for poll(2).</summary>
    /// <returns>-1 for ever, 0 when the time is over; what is longer than poll takes is cut to its maximum.</returns>
    internal int RemainingMs()
    {
        if (_atMs == Never)
        {
            return -1;
        }

        return (int)Math.Clamp(_atMs - Environment.TickCount64, 0, int.MaxValue);
    }
}
