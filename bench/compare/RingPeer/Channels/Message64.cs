using System.Runtime.InteropServices;

namespace Vigil.Compare.RingPeer.Channels;

/// <summary>A message of 64 bytes that a channel copies: header and payload as in the ring.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal unsafe struct Message64
{
    [FieldOffset(0)]
    public uint PayloadBytes;

    [FieldOffset(Message.HeaderBytes)]
    public fixed ulong Payload[6];
}
