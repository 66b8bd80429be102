using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vigil.Platform.Linux;

/// <summary>
/// Opening files: openat(2), openat2(2), and what fcntl(2) tells of an open file. O_CLOEXEC is always set: no program
/// that is started inherits a descriptor. Thread-safe.
/// </summary>
public static partial class FileOpen
{
    internal const int O_CLOEXEC = 0x80000;
    internal const int O_NONBLOCK = 0x800;
    private const ulong RESOLVE_CACHED = 0x20;
    private const int F_GETFL = 3;
    private const int F_SETFL = 4;
    private const int O_ACCMODE = 3;

    // The call is wrapped by no C library before glibc 2.43; calls since 5.1 have one number everywhere.
    private const long SYS_openat2 = 437;

    private static readonly int O_DIRECT =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x10000 : 0x4000;

    /// <summary>Opens a file by its path; waits for what it has to wait for.</summary>
    /// <param name="path">The path as bytes, ended by a NUL; relative to the current directory unless absolute.</param>
    /// <param name="flags">How.</param>
    /// <param name="permissions">The permissions of a file that is made, from which the umask is taken.</param>
    /// <param name="handle">The open file, which the caller disposes, or null.</param>
    /// <returns>0, or the refusal of open(2).</returns>
    public static unsafe KernelResult TryOpen(
        ReadOnlySpan<byte> path, OpenFlags flags, uint permissions, out SafeFileHandle? handle)
    {
        Guard.Terminated(path);
        fixed (byte* pointer = path)
        {
            int fd = openat(Stat.AT_FDCWD, pointer, (int)flags | O_CLOEXEC, permissions);
            return Wrap(fd, out handle);
        }
    }

    /// <summary>
    /// The same file, open once more, with a position, flags and locks of its own, and without waiting: what another
    /// process sent shares them with all who were sent it. By /proc/self/fd (proc_pid_fd(5)).
    /// </summary>
    /// <param name="shared">The open file; stays the caller's.</param>
    /// <param name="flags">How; <see cref="OpenFlags.NonBlocking"/> is added.</param>
    /// <param name="handle">The open file, which the caller disposes, or null.</param>
    /// <returns>0, or the refusal of open(2): this user may not open it by itself; there is no /proc; a FIFO has no
    /// reader (ENXIO).</returns>
    public static KernelResult TryReopen(SafeFileHandle shared, OpenFlags flags, out SafeFileHandle? handle)
    {
        ArgumentNullException.ThrowIfNull(shared);
        bool isTaken = false;
        try
        {
            shared.DangerousAddRef(ref isTaken);
            byte[] path = PathText.ToTerminated(string.Create(
                CultureInfo.InvariantCulture, $"/proc/self/fd/{(int)shared.DangerousGetHandle()}"));
            return TryOpen(path, flags | OpenFlags.NonBlocking, permissions: 0, out handle);
        }
        finally
        {
            if (isTaken)
            {
                shared.DangerousRelease();
            }
        }
    }

    /// <summary>Opens a file in a directory.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">The name as bytes, ended by a NUL.</param>
    /// <param name="flags">How.</param>
    /// <param name="permissions">The permissions of a file that is made, from which the umask is taken.</param>
    /// <param name="handle">The open file, which the caller disposes, or null.</param>
    /// <returns>0, or the refusal of openat(2).</returns>
    public static unsafe KernelResult TryOpenAt(
        DirectoryHandle directory,
        ReadOnlySpan<byte> name,
        OpenFlags flags,
        uint permissions,
        out SafeFileHandle? handle)
    {
        Guard.Terminated(name);
        fixed (byte* pointer = name)
        {
            int fd = openat(directory, pointer, (int)flags | O_CLOEXEC, permissions);
            return Wrap(fd, out handle);
        }
    }

    /// <summary>
    /// Opens an existing file if that takes no look at a disk and no waiting: openat2(2) with RESOLVE_CACHED. The file
    /// may not be regular; what is read-only here and a FIFO has not waited for a writer.
    /// </summary>
    /// <param name="path">The path as bytes, ended by a NUL.</param>
    /// <param name="flags">How; neither <see cref="OpenFlags.Create"/> nor <see cref="OpenFlags.Truncate"/>.</param>
    /// <param name="handle">The open file, with <see cref="OpenFlags.NonBlocking"/>; or null.</param>
    /// <returns>
    /// 0; WouldBlock where it would have to wait; NotSupported before Linux 5.12; or the refusal of open(2).
    /// </returns>
    public static unsafe KernelResult TryOpenCached(
        ReadOnlySpan<byte> path, OpenFlags flags, out SafeFileHandle? handle)
    {
        Guard.Terminated(path);
        KernelResult result;
        fixed (byte* pointer = path)
        {
            result = Cached(pointer, flags);
        }

        handle = result.IsSuccess ? new SafeFileHandle((nint)result.Value, ownsHandle: true) : null;
        return result.IsSuccess ? default : result;
    }

    /// <summary>Takes <see cref="OpenFlags.NonBlocking"/> from an open file: F_SETFL.</summary>
    /// <param name="handle">The open file.</param>
    /// <exception cref="ObjectDisposedException">The handle was closed.</exception>
    public static void ClearNonBlocking(SafeFileHandle handle)
    {
        int flags = fcntl(handle, F_GETFL, 0);
        if (flags >= 0 && (flags & O_NONBLOCK) != 0)
        {
            _ = fcntl(handle, F_SETFL, flags & ~O_NONBLOCK);
        }
    }

    /// <summary>Whether what is read and written goes past the page cache: O_DIRECT of open(2).</summary>
    /// <param name="handle">The open file.</param>
    /// <exception cref="ObjectDisposedException">The handle was closed.</exception>
    public static bool IsDirect(SafeFileHandle handle) => fcntl(handle, F_GETFL, 0) is >= 0 and int flags
        && (flags & O_DIRECT) != 0;

    /// <summary>Whether the file is open for reading only, so that nothing waits in its close(2).</summary>
    /// <param name="handle">The open file.</param>
    /// <exception cref="ObjectDisposedException">The handle was closed.</exception>
    public static bool IsReadOnly(SafeFileHandle handle) => fcntl(handle, F_GETFL, 0) is >= 0 and int flags
        && (flags & O_ACCMODE) == (int)OpenFlags.Read;

    // The value is the descriptor.
    internal static unsafe KernelResult Cached(byte* path, OpenFlags flags)
    {
        OpenHow how = new() { Flags = (uint)flags | O_CLOEXEC | O_NONBLOCK, Resolve = RESOLVE_CACHED };
        long result = syscall(SYS_openat2, Stat.AT_FDCWD, path, &how, (nuint)sizeof(OpenHow));
        KernelResult answer = KernelResult.Of(result);

        // A kernel that does not know the flag answers EINVAL.
        return answer.Failure == Failure.Invalid ? new KernelResult(-ErrnoTable.EOPNOTSUPP) : answer;
    }

    private static KernelResult Wrap(int fd, out SafeFileHandle? handle)
    {
        KernelResult result = KernelResult.Of(fd);
        handle = result.IsSuccess ? new SafeFileHandle(fd, ownsHandle: true) : null;
        return result.IsSuccess ? default : result;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int openat(int directory, byte* path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int openat(DirectoryHandle directory, byte* path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial long syscall(long number, long directory, byte* path, OpenHow* how, nuint size);

    [LibraryImport("libc")]
    private static partial int fcntl(SafeFileHandle fd, int command, int argument);

    // struct open_how of linux/openat2.h.
    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }
}
