using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>CLOCK_MONOTONIC, which every process of the machine reads alike: clock_gettime(2). Thread-safe.</summary>
public static partial class MonotonicClock
{
    private const int CLOCK_MONOTONIC = 1;
    private const int CLOCK_MONOTONIC_COARSE = 6;

    /// <summary>Nanoseconds since some point before the start of the machine.</summary>
    public static unsafe ulong Nanoseconds
    {
        get
        {
            Timespec time;
            _ = clock_gettime(CLOCK_MONOTONIC, &time);
            return (ulong)time.TotalNanoseconds;
        }
    }

    /// <summary>
    /// The same clock as of the last tick of the kernel, 1 to 10 milliseconds ago, for a fifth of the cost.
    /// </summary>
    public static unsafe ulong CoarseNanoseconds
    {
        get
        {
            Timespec time;
            _ = clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
            return (ulong)time.TotalNanoseconds;
        }
    }

    // Answered in user space by the vDSO (vdso(7)), in a few nanoseconds: the collector is not held up.
    [SuppressGCTransition]
    [LibraryImport("libc")]
    private static unsafe partial int clock_gettime(int clock, Timespec* time);
}
