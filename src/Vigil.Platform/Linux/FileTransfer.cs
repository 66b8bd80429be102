using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vigil.Platform.Linux;

/// <summary>
/// Reading and writing at a position: preadv2(2), pwritev2(2). One call is one transfer, which may be shorter than
/// asked: by the kernel's limit of 0x7ffff000 bytes, at the end of the file, on a full disk. Thread-safe.
/// </summary>
public static partial class FileTransfer
{
    /// <summary>As a position: where the file stands by itself. For what has no positions: a pipe, a socket.</summary>
    public const long CurrentPosition = -1;

    private const int RWF_NOWAIT = 0x8;

    /// <summary>Reads.</summary>
    /// <param name="handle">The open file.</param>
    /// <param name="vectors">Where the bytes go; the memory stays where it is during the call.</param>
    /// <param name="count">How many there are, at most <see cref="IoVector.MaxCount"/>.</param>
    /// <param name="offset">From where in the file, in bytes, or <see cref="CurrentPosition"/>.</param>
    /// <param name="noWait">Whether only what is in the page cache is read: RWF_NOWAIT.</param>
    /// <returns>How many bytes, 0 at the end; WouldBlock where it had to wait; or the refusal.</returns>
    /// <exception cref="ObjectDisposedException">The handle was closed.</exception>
    public static unsafe KernelResult Read(
        SafeFileHandle handle, IoVector* vectors, int count, long offset, bool noWait) =>
        KernelResult.Of(preadv2(handle, vectors, count, offset, noWait ? RWF_NOWAIT : 0));

    /// <summary>Writes.</summary>
    /// <param name="handle">The open file.</param>
    /// <param name="vectors">The bytes; the memory stays where it is during the call.</param>
    /// <param name="count">How many there are, at most <see cref="IoVector.MaxCount"/>.</param>
    /// <param name="offset">To where in the file, in bytes, or <see cref="CurrentPosition"/>.</param>
    /// <param name="noWait">Whether only what takes no waiting is written: RWF_NOWAIT.</param>
    /// <returns>How many bytes; WouldBlock or NotSupported where it had to wait; or the refusal.</returns>
    /// <exception cref="ObjectDisposedException">The handle was closed.</exception>
    public static unsafe KernelResult Write(
        SafeFileHandle handle, IoVector* vectors, int count, long offset, bool noWait) =>
        KernelResult.Of(pwritev2(handle, vectors, count, offset, noWait ? RWF_NOWAIT : 0));

    /// <summary>Whether the file has positions: not so a pipe, a socket, a terminal. lseek(2).</summary>
    /// <param name="handle">The open file.</param>
    /// <exception cref="ObjectDisposedException">The handle was closed.</exception>
    public static bool IsSeekable(SafeFileHandle handle)
    {
        const int SEEK_CUR = 1;
        return lseek(handle, 0, SEEK_CUR) >= 0;
    }

    // The value is -errno where it was refused. For a descriptor that does not leave this folder.
    internal static unsafe KernelResult ReadNow(int fd, IoVector* vectors, int count, long offset) =>
        KernelResult.Of(preadv2(fd, vectors, count, offset, RWF_NOWAIT));

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint preadv2(
        SafeFileHandle fd, IoVector* vectors, int count, long offset, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint preadv2(int fd, IoVector* vectors, int count, long offset, int flags);

    [LibraryImport("libc")]
    private static partial long lseek(SafeFileHandle fd, long offset, int whence);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint pwritev2(
        SafeFileHandle fd, IoVector* vectors, int count, long offset, int flags);
}
