using System.Runtime.InteropServices;

namespace Vigil.Watching.Tests;

/// <summary>Writes struct inotify_event of linux/inotify.h, by itself: the other side of the decoder.</summary>
internal sealed class EventBytes
{
    private readonly List<byte> _bytes = [];

    internal ReadOnlySpan<byte> Span => CollectionsMarshal.AsSpan(_bytes);

    internal byte[] ToArray() => [.. _bytes];

    /// <summary>As the kernel writes it: a name is followed by one NUL and as many as a multiple of 16 needs.</summary>
    internal EventBytes Add(int watch, InotifyMask mask, uint cookie, ReadOnlySpan<byte> name)
    {
        int padded = name.IsEmpty ? 0 : (name.Length + 16) / 16 * 16;
        AddHeader(watch, (uint)mask, cookie, (uint)padded);
        _bytes.AddRange(name);
        _bytes.AddRange(new byte[padded - name.Length]);
        return this;
    }

    internal EventBytes AddHeader(int watch, uint mask, uint cookie, uint length)
    {
        Span<byte> header = stackalloc byte[16];
        MemoryMarshal.Write(header, in watch);
        MemoryMarshal.Write(header[4..], in mask);
        MemoryMarshal.Write(header[8..], in cookie);
        MemoryMarshal.Write(header[12..], in length);
        _bytes.AddRange(header);
        return this;
    }

    internal EventBytes AddRaw(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }
}
