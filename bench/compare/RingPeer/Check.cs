using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Vigil.Compare.RingPeer;

/// <summary>
/// What a consumer has to see: every number once, in order, and by the sum every byte of every payload.
/// </summary>
internal unsafe struct Check
{
    // Not a vector: where a loop calls anything at all, the compiler keeps none in a register from one message to the
    // next, and to get it back from memory takes longer than the rest of the check.
    private ulong _sum;

    /// <summary>The number of the next message; the count of those that were seen.</summary>
    public ulong Next { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(byte* payload, nint bytes)
    {
        ulong number = *(ulong*)payload;
        if (number != Next)
        {
            throw new WrongAnswerException("number of a message", Next, number);
        }

        Next++;
        byte* end = payload + bytes;
        Vector128<ulong> sum = Vector128<ulong>.Zero;
        for (; payload != end; payload += sizeof(Vector128<ulong>))
        {
            sum += Vector128.Load((ulong*)payload);
        }

        _sum += Vector128.Sum(sum);
    }

    /// <summary>After the stop, which has a number too, and two words.</summary>
    public readonly void End(int payloadBytes)
    {
        ulong count = Next - 1;
        ulong words = (ulong)payloadBytes / sizeof(ulong);
        ulong numbers = count % 2 == 0 ? count / 2 * (count - 1) : (count - 1) / 2 * count;
        ulong expected = words * numbers + count * (words * (words - 1) / 2) + count + (count + 1);
        if (_sum != expected)
        {
            throw new WrongAnswerException("sum of all payloads", expected, _sum);
        }
    }
}
