using System.Runtime.InteropServices;

namespace Vigil.Rings;

/// <summary>
/// Where a message lies in the consumer's read-only mapping: <c>zbq_msg_view</c>, 40 bytes. Valid until the consumer
/// publishes a tail beyond it, is evicted, or is disposed.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
public unsafe struct RingMessageView
{
    /// <summary>sizeof(zbq_msg_view).</summary>
    public const int SizeBytes = 40;

    /// <summary>Its header. The producer can change it at any time: what was checked is in this view.</summary>
    [FieldOffset(0)]
    public RingMessageHeader* Header;

    /// <summary>Its payload.</summary>
    [FieldOffset(8)]
    public byte* Payload;

    /// <summary>Bytes of payload; they lie in the ring.</summary>
    [FieldOffset(16)]
    public ulong PayloadBytes;

    /// <summary>The logical offset of its header.</summary>
    [FieldOffset(24)]
    public ulong Offset;

    /// <summary>Header and payload. The next message begins at the next multiple of 16.</summary>
    [FieldOffset(32)]
    public ulong TotalBytes;
}
