using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Vigil.Rings;

/// <summary>
/// Waiting for another processor, some nanoseconds at a time, without keeping the line that it writes busy: a loop that
/// looks all the time takes the line from the writer with every look.
/// </summary>
internal static class Pause
{
    private const int Longest = 32;

    /// <summary>Waits for as long as <see cref="For"/> ever does, some hundred nanoseconds.</summary>
    internal static void Long() => _ = For(Longest);

    /// <summary>Waits for so many of the processor's own pauses.</summary>
    /// <returns>How many to wait for the next time: twice as many, up to a bound.</returns>
    internal static int For(int pauses)
    {
        for (int i = 0; i < pauses; i++)
        {
            if (X86Base.IsSupported)
            {
                X86Base.Pause();
            }
            else if (ArmBase.IsSupported)
            {
                ArmBase.Yield();
            }
        }

        return Math.Min(pauses * 2, Longest);
    }
}
