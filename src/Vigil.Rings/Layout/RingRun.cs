using System.Runtime.InteropServices;

namespace Vigil.Rings;

/// <summary>A stretch of the ring that the producer may write: <c>zbq_contiguous_run</c>, 24 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
public unsafe struct RingRun
{
    /// <summary>sizeof(zbq_contiguous_run).</summary>
    public const int SizeBytes = 24;

    /// <summary>Where it begins in this process; valid until the producer is disposed.</summary>
    [FieldOffset(0)]
    public byte* Base;

    /// <summary>How many bytes may be written: a multiple of 16, up to the physical end of the ring.</summary>
    [FieldOffset(8)]
    public ulong MaxBytes;

    /// <summary>The logical offset of its first byte: the head.</summary>
    [FieldOffset(16)]
    public ulong Offset;
}
