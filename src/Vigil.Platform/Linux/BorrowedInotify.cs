using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>
/// Reading from an inotify instance that belongs to somebody else, such as a program in another language that called
/// inotify_init1(2) itself. Allocates nothing and keeps nothing. Thread-safe, as the kernel's calls are.
/// </summary>
public static unsafe partial class BorrowedInotify
{
    private const uint IN_ACCESS = 1;

    /// <summary>
    /// One read(2) of events, once it is known that the descriptor is one of inotify: reading from anything else would
    /// take away what is another's, and it would be no events. A signal does not end a read that waits.
    /// </summary>
    /// <param name="descriptor">Any number.</param>
    /// <param name="buffer">Where the events go, aligned as struct inotify_event is; at least
    /// <see cref="InotifyHandle.MaxEventBytes"/>.</param>
    /// <param name="bytes">The size of the buffer.</param>
    /// <returns>The number of bytes; or an errno(3), negated: EAGAIN where the descriptor does not block and there is
    /// nothing, EBADF where it is none, EINVAL where it is none of inotify.</returns>
    public static int Read(int descriptor, byte* buffer, int bytes)
    {
        // The kernel looks at the descriptor before it looks for the path, and nothing has an empty path.
        byte nothing = 0;
        _ = inotify_add_watch(descriptor, &nothing, IN_ACCESS);
        int errno = Marshal.GetLastPInvokeError();
        if (errno != ErrnoTable.ENOENT)
        {
            return -errno;
        }

        while (true)
        {
            nint count = read(descriptor, buffer, (nuint)bytes);
            if (count >= 0)
            {
                return (int)count;
            }

            errno = Marshal.GetLastPInvokeError();
            if (errno != ErrnoTable.EINTR)
            {
                return -errno;
            }
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int inotify_add_watch(int fd, byte* path, uint mask);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int fd, byte* buffer, nuint count);
}
