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
    private const short POLLOUT = 0x4;
    private const int EPIPE = 32;
    private readonly string _name;

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

    /// <summary>Nothing: the descriptor belongs to whoever started the process.</summary>
    /// <returns>Always true.</returns>
    protected override bool ReleaseHandle() => true;

    private unsafe void WaitForRoom()
    {
        PollFd fd = new() { Fd = Descriptor, Events = POLLOUT };
        _ = poll(&fd, 1, -1);
    }

    [LibraryImport("libc")]
    private static partial int isatty(int fd);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint write(int fd, byte* buffer, nuint count);

    [LibraryImport("libc")]
    private static unsafe partial int poll(PollFd* fds, nuint count, int timeoutMs);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollFd
    {
        public int Fd;
        public short Events;
        public short Revents;
    }
}
