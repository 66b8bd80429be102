using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Vigil.Compare.RingPeer;

/// <summary>
/// The messages of the C programs: the words of a payload count up from the number of the message. Written with the
/// same width of stores, sixteen bytes, so that what is compared is the ring.
/// </summary>
internal static unsafe class Message
{
    public const int HeaderBytes = 16;

    /// <summary>A message with so much payload is the last one.</summary>
    public const int StopPayloadBytes = 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fill(byte* payload, nint bytes, ulong number)
    {
        byte* end = payload + bytes;
        var value = Vector128.Create(number, number + 1);
        var step = Vector128.Create(2UL);
        for (; payload != end; payload += sizeof(Vector128<ulong>))
        {
            value.Store((ulong*)payload);
            value += step;
        }
    }
}
