using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vigil.Platform.Linux;

/// <summary>
/// statx(2): one layout on every architecture, and the time of birth, which tells re-used inode numbers apart.
/// </summary>
public static partial class Stat
{
    internal const int AT_FDCWD = -100;
    private const int AT_SYMLINK_NOFOLLOW = 0x100;
    private const int AT_EMPTY_PATH = 0x1000;
    private const int AT_NO_AUTOMOUNT = 0x800;
    private const int PathMaxBytes = 4096;
    private const uint STATX_TYPE = 0x1;
    private const uint STATX_SIZE = 0x200;
    private const uint STATX_BASIC_STATS = 0x7ff;
    private const uint STATX_BTIME = 0x800;
    // st_blocks counts in these, whatever the file system's own are.
    private const int BlockBytes = 512;
    private const uint S_IFMT = 0xf000;
    private const uint S_IFREG = 0x8000;
    private const uint S_IFDIR = 0x4000;
    private const uint S_IFLNK = 0xa000;

    /// <summary>Looks at a path.</summary>
    /// <param name="path">The path as bytes, ended by a NUL; relative to the current directory unless absolute.</param>
    /// <param name="followLinks">Whether a symbolic link at the end is followed.</param>
    /// <param name="status">What was found.</param>
    /// <returns><see cref="Failure.None"/>, or why there is no answer.</returns>
    public static unsafe Failure TryGet(ReadOnlySpan<byte> path, bool followLinks, out FileStatus status)
    {
        Guard.Terminated(path);
        StatxBuffer buffer;
        int result;
        fixed (byte* pointer = path)
        {
            int flags = AT_NO_AUTOMOUNT | (followLinks ? 0 : AT_SYMLINK_NOFOLLOW);
            result = statx(AT_FDCWD, pointer, flags, STATX_BASIC_STATS | STATX_BTIME, &buffer);
        }

        return Finish(result, &buffer, out status);
    }

    /// <summary>
    /// As <see cref="TryGet(ReadOnlySpan{byte}, bool, out FileStatus)"/>, for callers to whom a refusal is an error.
    /// </summary>
    /// <param name="path">The path as bytes, ended by a NUL.</param>
    /// <param name="followLinks">Whether a symbolic link at the end is followed.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="VigilException">ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG with the path.</exception>
    public static FileStatus Get(ReadOnlySpan<byte> path, bool followLinks) =>
        TryGet(path, followLinks, out FileStatus status) == Failure.None
            ? status
            : throw VigilException.Create("stat", Marshal.GetLastPInvokeError(), PathText.FromBytes(path[..^1]));

    /// <summary>Looks at an entry of an open directory; a symbolic link is not followed.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">The name as bytes, ended by a NUL.</param>
    /// <param name="status">What was found.</param>
    /// <returns><see cref="Failure.None"/>, or why there is no answer.</returns>
    public static unsafe Failure TryGetAt(DirectoryHandle directory, ReadOnlySpan<byte> name, out FileStatus status)
    {
        Guard.Terminated(name);
        StatxBuffer buffer;
        int result;
        fixed (byte* pointer = name)
        {
            result = statx(
                directory, pointer, AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &buffer);
        }

        return Finish(result, &buffer, out status);
    }

    /// <summary>Looks at what is open: a directory, a file, a socket.</summary>
    /// <param name="handle">The open descriptor.</param>
    /// <param name="status">What was found.</param>
    /// <returns><see cref="Failure.None"/>, or why there is no answer.</returns>
    public static unsafe Failure TryGet(DescriptorHandle handle, out FileStatus status)
    {
        StatxBuffer buffer;
        byte empty = 0;
        int result = statx(handle, &empty, AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &buffer);
        return Finish(result, &buffer, out status);
    }

    /// <summary>Looks at an open file.</summary>
    /// <param name="handle">The open file.</param>
    /// <param name="status">What was found.</param>
    /// <returns><see cref="Failure.None"/>, or why there is no answer.</returns>
    /// <exception cref="ObjectDisposedException">The handle was closed.</exception>
    public static unsafe Failure TryGet(SafeFileHandle handle, out FileStatus status)
    {
        StatxBuffer buffer;
        byte empty = 0;
        int result = statx(handle, &empty, AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &buffer);
        return Finish(result, &buffer, out status);
    }

    /// <summary>Reads where a symbolic link leads: readlink(2).</summary>
    /// <param name="path">The path as bytes, ended by a NUL.</param>
    /// <returns>What stands in the link, or null where there is no link or it may not be read.</returns>
    public static unsafe byte[]? TryReadLink(ReadOnlySpan<byte> path)
    {
        Guard.Terminated(path);
        byte[] target = new byte[PathMaxBytes];
        fixed (byte* pointer = path, buffer = target)
        {
            nint count = readlink(pointer, buffer, PathMaxBytes);
            return count < 0 ? null : target[..(int)count];
        }
    }

    // The length of a regular file, or -1. For a descriptor that does not leave this folder.
    internal static unsafe long RegularLength(int fd)
    {
        StatxBuffer buffer;
        byte empty = 0;
        bool isRegular = statx(fd, &empty, AT_EMPTY_PATH, STATX_TYPE | STATX_SIZE, &buffer) == 0
            && (buffer.Mode & S_IFMT) == S_IFREG;
        return isRegular ? (long)buffer.Size : -1;
    }

    private static unsafe Failure Finish(int result, StatxBuffer* buffer, out FileStatus status)
    {
        if (result != 0)
        {
            status = default;
            return ErrnoTable.Classify(Marshal.GetLastPInvokeError());
        }

        ulong device = ((ulong)buffer->DevMajor << 32) | buffer->DevMinor;
        long birth = (buffer->Mask & STATX_BTIME) != 0 ? Nanoseconds(buffer->Btime) : 0;
        status = new FileStatus
        {
            Type = TypeOf(buffer->Mode),
            Mode = buffer->Mode,
            OwnerId = buffer->Uid,
            GroupId = buffer->Gid,
            Device = device,
            Inode = buffer->Ino,
            BornNs = birth,
            SizeBytes = (long)buffer->Size,
            AllocatedBytes = (long)buffer->Blocks * BlockBytes,
            ModifiedNs = Nanoseconds(buffer->Mtime),
            ChangedNs = Nanoseconds(buffer->Ctime),
        };
        return Failure.None;
    }

    private static EntryType TypeOf(uint mode) => (mode & S_IFMT) switch
    {
        S_IFREG => EntryType.File,
        S_IFDIR => EntryType.Directory,
        S_IFLNK => EntryType.Symlink,
        _ => EntryType.Other,
    };

    private static long Nanoseconds(in StatxTimestamp time) => (time.Seconds * 1_000_000_000) + time.Nanoseconds;

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int statx(int directory, byte* path, int flags, uint mask, StatxBuffer* buffer);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int statx(
        DescriptorHandle directory, byte* path, int flags, uint mask, StatxBuffer* buffer);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int statx(
        SafeFileHandle directory, byte* path, int flags, uint mask, StatxBuffer* buffer);

    [LibraryImport("libc")]
    private static unsafe partial nint readlink(byte* path, byte* buffer, nuint size);

    [StructLayout(LayoutKind.Sequential)]
    private struct StatxTimestamp
    {
        public long Seconds;
        public uint Nanoseconds;
        public int Reserved;
    }

    // struct statx of linux/stat.h: 256 bytes.
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    private struct StatxBuffer
    {
        public uint Mask;
        public uint BlockSize;
        public ulong Attributes;
        public uint LinkCount;
        public uint Uid;
        public uint Gid;
        public ushort Mode;
        public ushort Spare;
        public ulong Ino;
        public ulong Size;
        public ulong Blocks;
        public ulong AttributesMask;
        public StatxTimestamp Atime;
        public StatxTimestamp Btime;
        public StatxTimestamp Ctime;
        public StatxTimestamp Mtime;
        public uint RdevMajor;
        public uint RdevMinor;
        public uint DevMajor;
        public uint DevMinor;
        public ulong MountId;
    }
}
