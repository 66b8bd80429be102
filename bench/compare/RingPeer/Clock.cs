using System.Diagnostics;

namespace Vigil.Compare.RingPeer;

/// <summary>CLOCK_MONOTONIC in nanoseconds, the same in all processes.</summary>
internal static class Clock
{
    public static long Now => Stopwatch.GetTimestamp();

    public static long Nanoseconds(TimeSpan time) => (long)time.TotalNanoseconds;
}
