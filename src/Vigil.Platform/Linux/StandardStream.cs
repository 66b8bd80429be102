using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>
/// Standard output or standard error as what it is: a descriptor that takes bytes through write(2), from where its
/// offset stands. All members are thread-safe; the bytes of two calls at the same time may mix.
/// </summary>
/// <remarks>
/// The runtime's own streams answer to EPIPE with silence (Console) or write at an offset of their own (FileStream),
/// which overwrites what another program has put into the same file.
/// </remarks>
public sealed partial class StandardStream : DescriptorHandle
{
    private const int EPIPE = 32;
    private const int F_GETFL = 3;
    private const int F_GETPIPE_SZ = 1032;
    private const int SEEK_CUR = 1;
    private const int O_RDWR = 2;
    private const nuint FIONREAD = 0x541B;

    // PIPE_BUF of pipe(7): a pipe that is ready takes so much in one piece and without waiting.
    private const int PieceBytes = 4096;
    private readonly string _name;
    private bool? _isSeekable;

    private StandardStream(int descriptor, string name)
        : base(descriptor) => _name = name;

    /// <summary>Descriptor 1.</summary>
    public static StandardStream Output { get; } = new(1, "standard output");

    /// <summary>Descriptor 2.</summary>
    public static StandardStream Error { get; } = new(2, "standard error");

    /// <summary>Whether a person looks at it: isatty(3).</summary>
    public bool IsTerminal => isatty(Descriptor) == 1;

    /// <summary>Writes all the bytes, however long that takes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>
    /// False where nobody reads any more (EPIPE): the pipe or the socket was closed at the other end.
    /// </returns>
    /// <exception cref="VigilException">ENOSPC, EIO, EBADF: some of the bytes could not be written.</exception>
    public unsafe bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* pointer = bytes)
        {
            int written = 0;
            while (written < bytes.Length)
            {
                nint count = write(Descriptor, pointer + written, (nuint)(bytes.Length - written));
                if (count >= 0)
                {
                    written += (int)count;
                    continue;
                }

                int errno = Marshal.GetLastPInvokeError();
                switch (errno)
                {
                    case ErrnoTable.EINTR:
                        continue;
                    case ErrnoTable.EAGAIN:
                        // Somebody else made the open file non-blocking (O_NONBLOCK belongs to all who share it).
                        WaitForRoom();
                        continue;
                    case EPIPE:
                        return false;
                    default:
                        throw VigilException.Create("write", errno, _name);
                }
            }
        }

        return true;
    }

    /// <summary>
    /// How many bytes can be written without waiting: a file takes any number, an empty pipe as much as it holds.
    /// </summary>
    /// <returns>The bytes; 0 where a write would wait.</returns>
    public unsafe int RoomBytes()
    {
        if (_isSeekable ??= lseek(Descriptor, 0, SEEK_CUR) >= 0)
        {
            return int.MaxValue;
        }

        int waiting;
        if (ioctl(Descriptor, FIONREAD, &waiting) == 0 && waiting == 0)
        {
            int capacity = fcntl(Descriptor, F_GETPIPE_SZ, 0);
            if (capacity > 0)
            {
                return capacity;
            }
        }

        return WaitForRoom(wake: null, timeoutMs: 0) ? PieceBytes : 0;
    }

    /// <summary>Writes what goes in one piece: all of it where <see cref="RoomBytes"/> says so.</summary>
    /// <param name="bytes">The bytes; at least one.</param>
    /// <returns>How many bytes were written, 0 where there is no room, -1 where nobody reads any more.</returns>
    /// <exception cref="VigilException">ENOSPC, EIO, EBADF: nothing could be written.</exception>
    public unsafe int TryWriteSome(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* pointer = bytes)
        {
            while (true)
            {
                nint count = write(Descriptor, pointer, (nuint)bytes.Length);
                if (count >= 0)
                {
                    return (int)count;
                }

                int errno = Marshal.GetLastPInvokeError();
                switch (errno)
                {
                    case ErrnoTable.EINTR:
                        continue;
                    case ErrnoTable.EAGAIN:
                        return 0;
                    case EPIPE:
                        return -1;
                    default:
                        throw VigilException.Create("write", errno, _name);
                }
            }
        }
    }

    /// <summary>Waits until there is room to write, or nobody reads any more.</summary>
    /// <param name="wake">Ends the wait as soon as it is readable; may be null.</param>
    /// <param name="timeoutMs">Milliseconds; -1 waits for ever. A signal ends the wait early.</param>
    /// <returns>Whether a write goes on.</returns>
    public unsafe bool WaitForRoom(EventFd? wake, int timeoutMs)
    {
        bool isTaken = false;
        try
        {
            wake?.DangerousAddRef(ref isTaken);
            Poll.PollFd* fds = stackalloc Poll.PollFd[2];
            fds[0] = new Poll.PollFd { Fd = Descriptor, Events = Poll.POLLOUT };
            // A negative descriptor is skipped by the kernel (poll(2)).
            fds[1] = new Poll.PollFd
            {
                Fd = wake is null ? -1 : (int)wake.DangerousGetHandle(),
                Events = Poll.POLLIN,
            };
            return Poll.poll(fds, 2, timeoutMs) > 0 && fds[0].Revents != 0;
        }
        finally
        {
            if (isTaken)
            {
                wake!.DangerousRelease();
            }
        }
    }

    /// <summary>
    /// Puts /dev/null where the process was started without standard input, output or error, lest the next file that
    /// is opened becomes one of them. To be called before anything is opened.
    /// </summary>
    public static void OpenClosed()
    {
        for (int fd = 0; fd <= 2; fd++)
        {
            if (fcntl(fd, F_GETFL, 0) < 0 && Marshal.GetLastPInvokeError() == ErrnoTable.EBADF)
            {
                // open(2) takes the lowest number that is free, which is this one.
                _ = open("/dev/null", O_RDWR);
            }
        }
    }

    /// <summary>Nothing: the descriptor belongs to whoever started the process.</summary>
    /// <returns>Always true.</returns>
    protected override bool ReleaseHandle() => true;

    private unsafe void WaitForRoom()
    {
        Poll.PollFd fd = new() { Fd = Descriptor, Events = Poll.POLLOUT };
        _ = Poll.poll(&fd, 1, -1);
    }

    [LibraryImport("libc")]
    private static partial int isatty(int fd);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint write(int fd, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int fd, int command, nint argument);

    [LibraryImport("libc")]
    private static unsafe partial int ioctl(int fd, nuint request, int* value);

    [LibraryImport("libc")]
    private static partial nint lseek(int fd, nint offset, int whence);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);
}
