using System.Runtime.InteropServices;

namespace Vigil.Rings;

/// <summary>
/// The page that the producer writes and all consumers map read-only: <c>zbq_control_region</c>, 256 bytes. What
/// changes with every message has a cache line of its own.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
public struct RingControl
{
    /// <summary>sizeof(zbq_control_region).</summary>
    public const int SizeBytes = 256;

    /// <summary>Bytes committed since the ring was created; only grows. SYNC POINT: head.</summary>
    [FieldOffset(0)]
    public ulong Head;

    /// <summary>The futex word that consumers sleep on; incremented with every commit. SYNC POINT: broadcast.</summary>
    [FieldOffset(64)]
    public uint Broadcast;

    /// <summary>The producer's process, as its own pid namespace counts.</summary>
    [FieldOffset(128)]
    public int ProducerProcessId;

    /// <summary>Bytes of the data ring.</summary>
    [FieldOffset(192)]
    public ulong CapacityBytes;

    /// <summary>How many reservations in a row may fail before the consumers are scanned.</summary>
    [FieldOffset(200)]
    public ulong ClogThreshold;

    /// <summary>After how many nanoseconds without progress a consumer counts as hung; 0: never.</summary>
    [FieldOffset(208)]
    public ulong StallTimeoutNs;
}
