using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>A completion queue entry: struct io_uring_cqe of linux/io_uring.h, 16 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
public struct IoUringCompletion
{
    /// <summary>Its size.</summary>
    public const int SizeBytes = 16;

    /// <summary>What the entry was given.</summary>
    [FieldOffset(0)]
    public ulong UserData;

    /// <summary>The value of the call, or an error number with a minus before it.</summary>
    [FieldOffset(8)]
    public int Result;

    /// <summary>The IORING_CQE_F_ flags.</summary>
    [FieldOffset(12)]
    public uint Flags;
}
