using System.Buffers.Binary;

namespace Vigil.Rings.Tests;

/// <summary>
/// Payloads whose length and every byte follow from their number, so that one that is torn, lost, repeated or another's
/// is known from its bytes alone.
/// </summary>
internal static class Numbered
{
    /// <summary>The longest payload where nothing else is said: small, for speed.</summary>
    internal const int Short = 40;

    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;
    private const int WordBytes = sizeof(ulong);

    /// <summary>How long the payload of a number is: 8 bytes to the longest.</summary>
    internal static int LengthOf(ulong number, int longest) =>
        WordBytes + (int)((((number * Golden) >> 32) * (uint)(longest - WordBytes + 1)) >> 32);

    /// <summary>Writes the payload of a number.</summary>
    /// <returns>Its part of the checksum.</returns>
    internal static ulong Write(Span<byte> payload, ulong number)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(payload, number);
        ulong sum = number;
        int at = WordBytes;
        for (; at + WordBytes <= payload.Length; at += WordBytes)
        {
            ulong word = Word(number, at);
            sum += word;
            BinaryPrimitives.WriteUInt64LittleEndian(payload[at..], word);
        }

        for (; at < payload.Length; at++)
        {
            payload[at] = (byte)Word(number, at);
            sum += payload[at];
        }

        return sum;
    }

    /// <summary>Looks whether a payload is that of a number, byte by byte.</summary>
    /// <param name="sum">Its part of the checksum, from the bytes as they were read.</param>
    internal static bool IsWhole(ReadOnlySpan<byte> payload, ulong number, int longest, out ulong sum)
    {
        sum = 0;
        if (payload.Length != LengthOf(number, longest))
        {
            return false;
        }

        sum = BinaryPrimitives.ReadUInt64LittleEndian(payload);
        bool isWhole = sum == number;
        int at = WordBytes;
        for (; at + WordBytes <= payload.Length; at += WordBytes)
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(payload[at..]);
            isWhole &= word == Word(number, at);
            sum += word;
        }

        for (; at < payload.Length; at++)
        {
            isWhole &= payload[at] == (byte)Word(number, at);
            sum += payload[at];
        }

        return isWhole;
    }

    /// <summary>The number that a payload begins with; 0 if it is too short.</summary>
    internal static ulong NumberOf(ReadOnlySpan<byte> payload) =>
        payload.Length < WordBytes ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(payload);

    private static ulong Word(ulong number, int at) => (number + (ulong)at) * Golden;
}
