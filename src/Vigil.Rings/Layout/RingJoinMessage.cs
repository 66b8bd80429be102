using System.Runtime.InteropServices;

namespace Vigil.Rings;

/// <summary>What the producer sends to a consumer that joins: <c>zbq_join_payload</c>, 64 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
public struct RingJoinMessage
{
    /// <summary>sizeof(zbq_join_payload).</summary>
    public const int SizeBytes = 64;

    /// <summary>Bytes of the data ring.</summary>
    [FieldOffset(0)]
    public ulong CapacityBytes;

    /// <summary>Of what <see cref="RingConsumerPage.ProgressNs"/> counts from.</summary>
    [FieldOffset(8)]
    public ulong JoinBaselineNs;

    /// <summary>Where the consumer starts to read.</summary>
    [FieldOffset(16)]
    public ulong InitialHead;

    /// <summary>The producer's process, as its own pid namespace counts.</summary>
    [FieldOffset(24)]
    public int ProducerProcessId;

    /// <summary>The consumer's place among the producer's consumers.</summary>
    [FieldOffset(28)]
    public uint SlotIndex;

    /// <summary>A <see cref="RingWakeMode"/>.</summary>
    [FieldOffset(32)]
    public uint WakeMode;
}
