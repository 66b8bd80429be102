using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vigil.Platform.Linux;

/// <summary>
/// A whole file out of the page cache: openat2(2), preadv2(2) twice, and close(2), with nothing waited for. The
/// descriptor stays a number in here: a handle for a microsecond would cost as much as the calls. Thread-safe.
/// </summary>
public static partial class CachedFile
{
    // Behind the length that the file had when it was looked at, to see whether it has grown since.
    private const int ProbeBytes = 8;
    private const int SmallBytes = 8 << 10;

    /// <summary>Reads a regular file, if all of it is in the page cache.</summary>
    /// <param name="path">The path as bytes, ended by a NUL.</param>
    /// <param name="maxBytes">A file that is longer is not read.</param>
    /// <param name="content">The content, or null where it was not read.</param>
    /// <param name="opened">
    /// Where it was opened but not read: the file, with <see cref="OpenFlags.NonBlocking"/>, for the caller to read and
    /// to dispose. A FIFO must not be opened twice: who writes to it would be told that its reader has gone.
    /// </param>
    /// <returns>
    /// 0; WouldBlock or NotSupported where it was not opened, as that has to wait; or the refusal of open(2).
    /// </returns>
    public static unsafe KernelResult TryRead(
        ReadOnlySpan<byte> path, int maxBytes, out byte[]? content, out SafeFileHandle? opened)
    {
        Guard.Terminated(path);
        content = null;
        opened = null;
        KernelResult result;
        fixed (byte* pointer = path)
        {
            result = FileOpen.Cached(pointer, OpenFlags.Read);
        }

        if (!result.IsSuccess)
        {
            return result;
        }

        int fd = (int)result.Value;
        content = Read(fd, maxBytes);
        if (content is null)
        {
            opened = new SafeFileHandle(fd, ownsHandle: true);
        }
        else
        {
            _ = close(fd);
        }

        return default;
    }

    // A small file fits into the buffer, and a second read says that it has ended: that costs less than to ask for its
    // length. Null where something is not in the cache, or it is no file to be read in this way.
    [SkipLocalsInit]
    private static unsafe byte[]? Read(int fd, int maxBytes)
    {
        byte* buffer = stackalloc byte[SmallBytes];
        IoVector vector = new() { Start = buffer, Length = SmallBytes };
        long count = FileTransfer.ReadNow(fd, &vector, 1, offset: 0).Value;
        if (count == SmallBytes)
        {
            return ReadLarge(fd, maxBytes);
        }

        if (count < 0 || count > maxBytes)
        {
            return null;
        }

        IoVector probe = new() { Start = buffer + count, Length = 1 };
        return FileTransfer.ReadNow(fd, &probe, 1, count).Value == 0
            ? new ReadOnlySpan<byte>(buffer, (int)count).ToArray()
            : null;
    }

    private static unsafe byte[]? ReadLarge(int fd, int maxBytes)
    {
        long lengthBytes = Stat.RegularLength(fd);
        if (lengthBytes < SmallBytes || lengthBytes > maxBytes)
        {
            return null;
        }

        byte* probe = stackalloc byte[ProbeBytes];
        byte[] content = GC.AllocateUninitializedArray<byte>((int)lengthBytes);
        fixed (byte* start = content)
        {
            IoVector* vectors = stackalloc IoVector[2];
            vectors[0] = new IoVector { Start = start, Length = (nuint)lengthBytes };
            vectors[1] = new IoVector { Start = probe, Length = ProbeBytes };
            return FileTransfer.ReadNow(fd, vectors, 2, offset: 0).Value == lengthBytes ? content : null;
        }
    }

    [LibraryImport("libc")]
    private static partial int close(int fd);
}
