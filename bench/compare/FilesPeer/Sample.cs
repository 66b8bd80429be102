using System.Diagnostics;
using System.Globalization;

namespace Vigil.Compare.FilesPeer;

/// <summary>What one run has taken: time, processor time of the whole process, and memory.</summary>
internal sealed class Sample
{
    private readonly long _allocated = GC.GetTotalAllocatedBytes(precise: true);
    private readonly TimeSpan _used = Environment.CpuUsage.TotalTime;
    private readonly long _begun = Stopwatch.GetTimestamp();

    /// <summary>Ends it, and writes its one line.</summary>
    /// <param name="count">How many operations.</param>
    /// <param name="bytes">How many bytes they brought.</param>
    /// <param name="sum">The sum of those bytes.</param>
    public void Write(long count, long bytes, long sum)
    {
        TimeSpan taken = Stopwatch.GetElapsedTime(_begun);
        TimeSpan used = Environment.CpuUsage.TotalTime - _used;
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - _allocated;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"seconds\":{taken.TotalSeconds:F9},\"cpuSeconds\":{used.TotalSeconds:F6},\"count\":{count},"
                + $"\"bytes\":{bytes},\"sum\":{sum},\"allocated\":{allocated}}}"));
    }

    /// <summary>The sum of bytes, sixteen or so at a time, so that checking costs little.</summary>
    public static long Sum(ReadOnlySpan<byte> bytes)
    {
        long sum = 0;
        foreach (byte one in bytes)
        {
            sum += one;
        }

        return sum;
    }
}
