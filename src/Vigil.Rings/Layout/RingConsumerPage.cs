using System.Runtime.InteropServices;

namespace Vigil.Rings;

/// <summary>
/// The one page that a consumer writes, and the producer reads: <c>zbq_consumer_metadata</c>, 4096 bytes. The producer
/// believes nothing in it.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
public struct RingConsumerPage
{
    /// <summary>sizeof(zbq_consumer_metadata): one page.</summary>
    public const int SizeBytes = 4096;

    /// <summary>Up to where the consumer is done; what lies before may be written again. SYNC POINT: tail.</summary>
    [FieldOffset(0)]
    public ulong Tail;

    /// <summary>When it last made progress: nanoseconds since <see cref="JoinBaselineNs"/>.</summary>
    [FieldOffset(8)]
    public ulong ProgressNs;

    /// <summary>When it joined: nanoseconds of CLOCK_MONOTONIC, set by the producer.</summary>
    [FieldOffset(16)]
    public ulong JoinBaselineNs;

    /// <summary>
    /// In bytes that zbq reserves. Whether the consumer sleeps: 0 it does not say (wake it always), 1 it is awake, any
    /// other value names one sleep. SYNC POINT: waiting.
    /// </summary>
    [FieldOffset(128)]
    public uint Waiting;

    /// <summary>
    /// In bytes that zbq reserves. Written by the producer: 0, or why the consumer was evicted (a
    /// <see cref="RingEvictionReason"/>). From then on what it reads may be overwritten. SYNC POINT: evicted.
    /// </summary>
    [FieldOffset(192)]
    public uint Evicted;
}
