using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>
/// A lock that ends with its process, however that ends: flock(2) on a file made for it. Disposing it lets go. The
/// file stays, for a file that is removed can be locked by two.
/// </summary>
public sealed partial class FileLock : DescriptorHandle
{
    private const int O_RDWR = 2;
    private const int O_CREAT = 0x40;
    private const int O_CLOEXEC = 0x80000;
    private const int OwnerReadWrite = 0x180;
    private const int LOCK_EX = 2;
    private const int LOCK_NB = 4;

    private static readonly int O_NOFOLLOW =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000;

    private FileLock(int descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Takes the lock, and does not wait for it.</summary>
    /// <param name="path">The file; made for its owner alone where it is missing. No symbolic link.</param>
    /// <returns>The lock, which the caller disposes, or null where another has it.</returns>
    /// <exception cref="VigilException">EACCES, ENOENT, ELOOP, EROFS with the path; EMFILE.</exception>
    public static FileLock? TryTake(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, OwnerReadWrite);
        if (fd < 0)
        {
            throw VigilException.Create("open", Marshal.GetLastPInvokeError(), path);
        }

        var taken = new FileLock(fd);
        if (flock(taken, LOCK_EX | LOCK_NB) == 0)
        {
            return taken;
        }

        int errno = Marshal.GetLastPInvokeError();
        taken.Dispose();
        return errno is ErrnoTable.EAGAIN or ErrnoTable.EINTR
            ? null
            : throw VigilException.Create("flock", errno, path);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(FileLock fd, int operation);
}
