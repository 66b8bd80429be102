using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vigil.Platform.Linux;

/// <summary>
/// A place in the file system, held without opening what is there (O_PATH of open(2)): so that it can be looked at
/// first, and what is opened afterwards is what was looked at, whatever became of its name. Thread-safe.
/// </summary>
public sealed partial class PathHandle : DescriptorHandle
{
    private const int O_RDONLY = 0;
    private const int O_NONBLOCK = 0x800;
    private const int O_NOCTTY = 0x100;
    private const int O_CLOEXEC = 0x80000;
    private const int O_PATH = 0x200000;
    private const ulong RESOLVE_NO_MAGICLINKS = 0x02;
    private const ulong RESOLVE_NO_SYMLINKS = 0x04;
    private const ulong RESOLVE_BENEATH = 0x08;
    private const long SYS_openat2 = 437;
    private const string Self = "/proc/self/fd/";

    private static readonly int O_NOFOLLOW =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000;

    private PathHandle(int descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Finds a place by its path.</summary>
    /// <param name="path">The path as bytes, ended by a NUL.</param>
    /// <param name="followLink">Whether a symbolic link at the end is followed.</param>
    /// <param name="failure">Why there is none, else <see cref="Failure.None"/>.</param>
    /// <returns>The handle, which the caller disposes, or null.</returns>
    public static unsafe PathHandle? TryOpen(ReadOnlySpan<byte> path, bool followLink, out Failure failure)
    {
        Guard.Terminated(path);
        fixed (byte* pointer = path)
        {
            return Wrap(open(pointer, O_PATH | O_CLOEXEC | (followLink ? 0 : O_NOFOLLOW), 0), out failure);
        }
    }

    /// <summary>
    /// Finds a place below a directory, by a way without symbolic links and out of which nothing leads: openat2(2).
    /// </summary>
    /// <param name="directory">Where the way begins.</param>
    /// <param name="path">The relative path as bytes, ended by a NUL.</param>
    /// <param name="failure">Why there is none: SymlinkLoop also for a way that leads out; NotSupported before Linux
    /// 5.6; else <see cref="Failure.None"/>.</param>
    /// <returns>The handle, which the caller disposes, or null.</returns>
    public static unsafe PathHandle? TryOpenBeneath(
        DirectoryHandle directory, ReadOnlySpan<byte> path, out Failure failure)
    {
        Guard.Terminated(path);
        var how = new OpenHow
        {
            Flags = (ulong)(O_PATH | O_CLOEXEC | O_NOFOLLOW),
            Resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
        };
        fixed (byte* pointer = path)
        {
            return Wrap((int)syscall(SYS_openat2, directory, pointer, &how, (nuint)sizeof(OpenHow)), out failure);
        }
    }

    /// <summary>Where it is now, by the names of the directories themselves: no symbolic link is in it.</summary>
    /// <returns>The absolute path, without a NUL; null where it cannot be told, as without /proc.</returns>
    public byte[]? TryReadPath() => Stat.TryReadLink(PathText.ToTerminated(Self + Descriptor));

    /// <summary>Opens what is here for reading: a regular file or a directory, never what waits or acts when it is
    /// opened.</summary>
    /// <param name="failure">Why not: NotSupported where it is neither, AccessDenied; else
    /// <see cref="Failure.None"/>.</param>
    /// <returns>The handle, which the caller disposes, or null.</returns>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public unsafe SafeFileHandle? TryOpenForReading(out Failure failure)
    {
        failure = Stat.TryGet(this, out FileStatus status);
        if (failure == Failure.None && status.Type is not (EntryType.File or EntryType.Directory))
        {
            failure = Failure.NotSupported;
        }

        if (failure != Failure.None)
        {
            return null;
        }

        bool taken = false;
        try
        {
            DangerousAddRef(ref taken);
            int fd;
            fixed (byte* pointer = PathText.ToTerminated(Self + Descriptor))
            {
                fd = open(pointer, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
            }

            failure = fd >= 0 ? Failure.None : ErrnoTable.Classify(Marshal.GetLastPInvokeError());
            return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : null;
        }
        finally
        {
            if (taken)
            {
                DangerousRelease();
            }
        }
    }

    private static PathHandle? Wrap(int fd, out Failure failure)
    {
        failure = fd >= 0 ? Failure.None : ErrnoTable.Classify(Marshal.GetLastPInvokeError());
        return fd >= 0 ? new PathHandle(fd) : null;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int open(byte* path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial long syscall(
        long number, DirectoryHandle directory, byte* path, OpenHow* how, nuint size);

    // struct open_how of linux/openat2.h.
    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }
}
