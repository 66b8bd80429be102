using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Vigil.Rings;

/// <summary>
/// Keeps later loads behind earlier ones: the bytes of a message are read before it is asked whether they may have been
/// overwritten meanwhile.
/// </summary>
internal static class LoadFence
{
    /// <summary>Costs nothing where the processor keeps loads in order by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Pass()
    {
#if NET10_0_OR_GREATER
        Volatile.ReadBarrier();
#else
        if (X86Base.IsSupported)
        {
            KeepOrder();
        }
        else
        {
            Interlocked.MemoryBarrier();
        }
#endif
    }

#if !NET10_0_OR_GREATER
    // The processor keeps loads in order; over a call that it cannot see into, the compiler does, too.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void KeepOrder()
    {
    }
#endif
}
