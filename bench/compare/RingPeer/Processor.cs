using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Vigil.Compare.RingPeer;

/// <summary>On which processor a thread runs, and how it passes the time there.</summary>
internal static partial class Processor
{
    private const int Pauses = 32;
    private const int YieldAfter = 64;
    private const int MostProcessors = 1024;

    /// <summary>
    /// Keeps the calling thread on one processor: the first or the second of those that RING_CPUS names ("0,1").
    /// Processes that are started later stay there too, so it is done after them.
    /// </summary>
    public static unsafe void PinTo(int which)
    {
        string[] names = (Environment.GetEnvironmentVariable("RING_CPUS") ?? "0,1").Split(',');
        int processor = int.Parse(names[which]);
        byte* set = stackalloc byte[MostProcessors / 8];
        new Span<byte>(set, MostProcessors / 8).Clear();
        set[processor / 8] = (byte)(1 << (processor % 8));
        if (SchedSetAffinity(0, MostProcessors / 8, set) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Between two looks at memory that has not changed. The same as in the C program.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void PauseAWhile()
    {
        for (int i = 0; i < Pauses; i++)
        {
            PauseOnce();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PauseOnce()
    {
        if (X86Base.IsSupported)
        {
            X86Base.Pause();
        }
        else
        {
            ArmBase.Yield();
        }
    }

    /// <summary>The same, and now and then the processor is offered to others.</summary>
    public static void PauseAWhile(ref int looks)
    {
        PauseAWhile();
        if (++looks % YieldAfter == 0)
        {
            Thread.Yield();
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static unsafe partial int SchedSetAffinity(int thread, nint bytes, byte* set);
}
