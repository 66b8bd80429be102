using System.Runtime.InteropServices;

namespace Vigil.Rings;

/// <summary>What a ring is made by: <c>zbq_producer_params</c>, 32 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
public struct RingParameters
{
    /// <summary>sizeof(zbq_producer_params).</summary>
    public const int SizeBytes = 32;

    /// <summary>Bytes of the data ring: a multiple of 4096, not 0.</summary>
    [FieldOffset(0)]
    public ulong CapacityBytes;

    /// <summary>How many reservations in a row may fail before the consumers are scanned; 0 counts as 1.</summary>
    [FieldOffset(8)]
    public ulong ClogThreshold;

    /// <summary>After how many nanoseconds without progress a consumer counts as hung; 0: never.</summary>
    [FieldOffset(16)]
    public ulong StallTimeoutNs;

    /// <summary>How many consumers there can be at a time; not 0.</summary>
    [FieldOffset(24)]
    public uint MaxConsumers;
}
