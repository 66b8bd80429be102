using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>struct timespec, as all 64-bit architectures have it: timespec(3type).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Timespec
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    internal long Seconds;
    internal long Nanoseconds;

    internal Timespec(int milliseconds)
    {
        Seconds = milliseconds / 1000;
        Nanoseconds = milliseconds % 1000 * 1_000_000L;
    }

    internal readonly long TotalNanoseconds => (Seconds * NanosecondsPerSecond) + Nanoseconds;

    internal readonly Timespec Plus(int milliseconds)
    {
        var sum = new Timespec(milliseconds);
        sum.Seconds += Seconds;
        sum.Nanoseconds += Nanoseconds;
        if (sum.Nanoseconds >= NanosecondsPerSecond)
        {
            sum.Nanoseconds -= NanosecondsPerSecond;
            sum.Seconds++;
        }

        return sum;
    }
}
