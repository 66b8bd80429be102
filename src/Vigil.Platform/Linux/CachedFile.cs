using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vigil.Platform.Linux;

/// <summary>
/// A whole file out of the page cache: openat2(2), statx(2), preadv2(2) and close(2), with nothing waited for. The
/// descriptor stays a number in here: a handle for a microsecond would cost as much as the calls. Thread-safe.
/// </summary>
public static partial class CachedFile
{
    // Behind the length that the file had when it was looked at, to see whether it has grown since.
    private const int ProbeBytes = 8;

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
        long lengthBytes = Stat.RegularLength(fd);
        content = lengthBytes >= 0 && lengthBytes <= maxBytes ? Read(fd, (int)lengthBytes) : null;
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

    // Null where something is not in the cache, or the file is not as long as it says: it grows, it shrinks, it is one
    // of /proc.
    private static unsafe byte[]? Read(int fd, int lengthBytes)
    {
        byte* probe = stackalloc byte[ProbeBytes];
        byte[] content = lengthBytes == 0 ? [] : GC.AllocateUninitializedArray<byte>(lengthBytes);
        fixed (byte* start = content)
        {
            IoVector* vectors = stackalloc IoVector[2];
            vectors[0] = new IoVector { Start = start, Length = (nuint)lengthBytes };
            vectors[1] = new IoVector { Start = probe, Length = ProbeBytes };
            KernelResult result = lengthBytes == 0
                ? FileTransfer.ReadNow(fd, vectors + 1, 1, offset: 0)
                : FileTransfer.ReadNow(fd, vectors, 2, offset: 0);
            return result.Value == lengthBytes ? content : null;
        }
    }

    [LibraryImport("libc")]
    private static partial int close(int fd);
}
