using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vigil.Platform.Linux;

/// <summary>
/// An open directory: open(2), openat(2), getdents64(2), fstatfs(2). It stays the same directory whatever happens to
/// its path.
/// Not thread-safe while it is being read, as the read position is the descriptor's.
/// </summary>
public sealed partial class DirectoryHandle : DescriptorHandle
{
    private const int O_RDONLY = 0;
    private const int O_WRONLY = 1;
    private const int O_CREAT = 0x40;
    private const int O_EXCL = 0x80;
    private const int OwnerReadWrite = 0x180;
    private const int O_NONBLOCK = 0x800;
    private const int O_CLOEXEC = 0x80000;

    // These two are the only O_ flags used here whose value depends on the architecture (asm/fcntl.h).
    private static readonly int O_DIRECTORY =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x4000 : 0x10000;

    private static readonly int O_NOFOLLOW =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000;

    private bool _isAtStart = true;

    private DirectoryHandle(int descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Opens a directory by its path.</summary>
    /// <param name="path">The path as bytes, ended by a NUL, at most PATH_MAX long.</param>
    /// <param name="followLink">Whether a symbolic link at the end is followed.</param>
    /// <param name="failure">Why it was refused, else <see cref="Failure.None"/>.</param>
    /// <returns>The handle, which the caller disposes, or null.</returns>
    public static unsafe DirectoryHandle? TryOpen(ReadOnlySpan<byte> path, bool followLink, out Failure failure)
    {
        Guard.Terminated(path);
        fixed (byte* pointer = path)
        {
            int fd = openat(Stat.AT_FDCWD, pointer, Flags(followLink), 0);
            return Wrap(fd, out failure);
        }
    }

    /// <summary>Opens a directory by its path.</summary>
    /// <param name="path">The path as bytes, ended by a NUL.</param>
    /// <param name="followLink">Whether a symbolic link at the end is followed.</param>
    /// <returns>The handle; the caller disposes it.</returns>
    /// <exception cref="VigilException">ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG with the path; EMFILE.</exception>
    public static DirectoryHandle Open(ReadOnlySpan<byte> path, bool followLink) =>
        TryOpen(path, followLink, out _)
        ?? throw VigilException.Create("open", Marshal.GetLastPInvokeError(), PathText.FromBytes(path[..^1]));

    /// <summary>Opens a directory below this one; a symbolic link at the end is not followed.</summary>
    /// <param name="path">The relative path as bytes, ended by a NUL.</param>
    /// <param name="failure">Why it was refused, else <see cref="Failure.None"/>.</param>
    /// <returns>The handle, which the caller disposes, or null.</returns>
    public unsafe DirectoryHandle? TryOpenAt(ReadOnlySpan<byte> path, out Failure failure)
    {
        Guard.Terminated(path);
        fixed (byte* pointer = path)
        {
            int fd = openat(this, pointer, Flags(followLink: false), 0);
            return Wrap(fd, out failure);
        }
    }

    /// <summary>Reads the next entries. At the end it answers 0; <see cref="Rewind"/> starts again.</summary>
    /// <param name="buffer">Where they go, for <see cref="DirectoryEntries"/>; 32 KiB is a good size.</param>
    /// <param name="failure">Why it failed, else <see cref="Failure.None"/>.</param>
    /// <returns>The number of bytes.</returns>
    public unsafe int ReadEntries(Span<byte> buffer, out Failure failure)
    {
        _isAtStart = false;
        nint count;
        fixed (byte* pointer = buffer)
        {
            count = getdents64(this, pointer, (nuint)buffer.Length);
        }

        failure = count >= 0 ? Failure.None : ErrnoTable.Classify(Marshal.GetLastPInvokeError());
        return count >= 0 ? (int)count : 0;
    }

    /// <summary>Puts the read position back to the first entry.</summary>
    public void Rewind()
    {
        if (!_isAtStart)
        {
            _ = lseek(this, 0, 0);
            _isAtStart = true;
        }
    }

    /// <summary>The magic number of the file system it is on: statfs(2).</summary>
    /// <returns>One of the *_MAGIC numbers of linux/magic.h, or 0 where it cannot be told.</returns>
    public unsafe long FileSystemMagic()
    {
        // struct statfs is at most 120 bytes on the 64-bit architectures, and f_type is its first field, a long.
        long* buffer = stackalloc long[32];
        return fstatfs(this, buffer) == 0 ? buffer[0] : 0;
    }

    /// <summary>Reads a small regular file in this directory; a symbolic link is followed.</summary>
    /// <param name="name">The name as bytes, ended by a NUL.</param>
    /// <param name="maxBytes">What is read at the most.</param>
    /// <returns>The content, cut at the limit, or null where there is no such file or it may not be read.</returns>
    public unsafe byte[]? TryReadFile(ReadOnlySpan<byte> name, int maxBytes)
    {
        Guard.Terminated(name);
        int fd;
        fixed (byte* pointer = name)
        {
            fd = openat(this, pointer, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
        }

        if (fd < 0)
        {
            return null;
        }

        using var file = new SafeFileHandle(fd, ownsHandle: true);
        byte[] buffer = new byte[4096];
        int length = 0;
        try
        {
            while (length < maxBytes)
            {
                int count = RandomAccess.Read(file, buffer.AsSpan(length), length);
                if (count == 0)
                {
                    break;
                }

                length += count;
                if (length == buffer.Length)
                {
                    Array.Resize(ref buffer, Math.Min(maxBytes, buffer.Length * 4));
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }

        return buffer[..length];
    }

    /// <summary>Makes an empty file in this directory.</summary>
    /// <param name="name">The name as bytes, ended by a NUL; must be free.</param>
    /// <returns>Whether it was made.</returns>
    public unsafe bool TryCreateFile(ReadOnlySpan<byte> name)
    {
        Guard.Terminated(name);
        fixed (byte* pointer = name)
        {
            int fd = openat(this, pointer, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, OwnerReadWrite);
            new SafeFileHandle(fd, ownsHandle: true).Dispose();
            return fd >= 0;
        }
    }

    /// <summary>Removes a file of this directory: unlinkat(2).</summary>
    /// <param name="name">The name as bytes, ended by a NUL.</param>
    public unsafe void TryRemoveFile(ReadOnlySpan<byte> name)
    {
        Guard.Terminated(name);
        fixed (byte* pointer = name)
        {
            _ = unlinkat(this, pointer, 0);
        }
    }

    /// <summary>Renames a file of this directory, in one step over one that has the name: renameat(2).</summary>
    /// <param name="from">The name as bytes, ended by a NUL.</param>
    /// <param name="to">The new name as bytes, ended by a NUL.</param>
    /// <returns>0, or the refusal.</returns>
    public unsafe KernelResult Rename(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        Guard.Terminated(from);
        Guard.Terminated(to);
        fixed (byte* old = from, @new = to)
        {
            return KernelResult.Of(renameat(this, old, this, @new));
        }
    }

    internal ReadOnlySpan<byte> WriteSelfPath(Span<byte> destination)
    {
        "/proc/self/fd/"u8.CopyTo(destination);
        _ = Descriptor.TryFormat(destination[14..], out int written);
        destination[14 + written] = 0;
        return destination[..(15 + written)];
    }

    // O_NONBLOCK: the open of something that is no directory (any more) must not wait for it, whatever it is.
    private static int Flags(bool followLink) =>
        O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_DIRECTORY | (followLink ? 0 : O_NOFOLLOW);

    private static DirectoryHandle? Wrap(int fd, out Failure failure)
    {
        if (fd >= 0)
        {
            failure = Failure.None;
            return new DirectoryHandle(fd);
        }

        failure = ErrnoTable.Classify(Marshal.GetLastPInvokeError());
        return null;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int openat(int directory, byte* path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int openat(DirectoryHandle directory, byte* path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint getdents64(DirectoryHandle directory, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int unlinkat(DirectoryHandle directory, byte* path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int renameat(
        DirectoryHandle fromDirectory, byte* from, DirectoryHandle toDirectory, byte* to);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long lseek(DirectoryHandle directory, long offset, int whence);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int fstatfs(DirectoryHandle directory, void* buffer);
}
