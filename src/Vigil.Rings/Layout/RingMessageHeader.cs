using System.Runtime.InteropServices;

namespace Vigil.Rings;

/// <summary>What stands before every message in the ring: <c>zbq_msg_header</c>, 16 bytes, aligned to 16.</summary>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
public struct RingMessageHeader
{
    /// <summary>sizeof(zbq_msg_header).</summary>
    public const int SizeBytes = 16;

    /// <summary>Of what every offset in the ring is a multiple: ZBQ_MSG_ALIGN.</summary>
    public const int AlignmentBytes = 16;

    /// <summary>In <see cref="Flags"/>: no message, but the unused rest before the physical end of the ring.</summary>
    public const byte PaddingFlag = 0x80;

    /// <summary>Bytes of payload that follow.</summary>
    [FieldOffset(0)]
    public uint PayloadBytes;

    /// <summary>How many descriptors belong to the message: 0 to 253.</summary>
    [FieldOffset(4)]
    public byte DescriptorCount;

    /// <summary>0, or <see cref="PaddingFlag"/>; what the other bits are is the users' affair.</summary>
    [FieldOffset(5)]
    public byte Flags;

    /// <summary>Reserved, 0.</summary>
    [FieldOffset(6)]
    public ushort Reserved;

    /// <summary>What the descriptors of the message are found by; 0 for a message without any.</summary>
    [FieldOffset(8)]
    public ulong SequenceId;
}
