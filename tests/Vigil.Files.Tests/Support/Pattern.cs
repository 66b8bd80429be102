namespace Vigil.IO.Tests;

/// <summary>Bytes that differ with their position and with the number of the content.</summary>
internal static class Pattern
{
    internal static byte[] Bytes(int count, int seed = 1)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Cuts bytes into pieces of these lengths, over and over.</summary>
    internal static List<ReadOnlyMemory<byte>> Cut(byte[] bytes, params int[] lengths)
    {
        List<ReadOnlyMemory<byte>> pieces = [];
        for (int at = 0, i = 0; at < bytes.Length; i++)
        {
            int length = Math.Min(lengths[i % lengths.Length], bytes.Length - at);
            pieces.Add(bytes.AsMemory(at, length));
            at += length;
        }

        return pieces;
    }
}
