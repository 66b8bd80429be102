using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Vigil.IO.Tests;

/// <summary>A file of blocks, each full of its own number, that can be put out of the page cache.</summary>
internal static class Blocks
{
    internal const int Bytes = 4096;

    internal static void Write(string path, int count)
    {
        byte[] content = new byte[count * Bytes];
        for (int at = 0; at < content.Length; at += sizeof(int))
        {
            BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(at), at / Bytes);
        }

        File.WriteAllBytes(path, content);
    }

    /// <summary>Puts a file out of the page cache, as far as the kernel is willing: posix_fadvise(2).</summary>
    internal static void Forget(SafeFileHandle file)
    {
        RandomAccess.FlushToDisk(file);
        Assert.Equal(0, Libc.Advise(file, 0, 0, Libc.POSIX_FADV_DONTNEED));
    }

    internal static bool Is(ReadOnlySpan<byte> block, int number)
    {
        Span<byte> expected = stackalloc byte[Bytes];
        for (int at = 0; at < Bytes; at += sizeof(int))
        {
            BinaryPrimitives.WriteInt32LittleEndian(expected[at..], number);
        }

        return block.SequenceEqual(expected);
    }
}
