using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>
/// The terminal that this process is controlled from: tty(4), termios(3), tcsetpgrp(3). All members are thread-safe.
/// </summary>
public sealed partial class TerminalHandle : DescriptorHandle
{
    private const int O_RDWR = 2;
    private const int O_NOCTTY = 0x100;
    private const int O_NONBLOCK = 0x800;
    private const int O_CLOEXEC = 0x80000;
    private const int TCSADRAIN = 1;
    private const int SIG_BLOCK = 0;
    private const int SIG_SETMASK = 2;
    private const int SignalSetBytes = 128;
    private const nuint TIOCGWINSZ = 0x5413;

    private TerminalHandle(int descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Whether standard input is a terminal.</summary>
    public static bool IsInput => isatty(0) == 1;

    /// <summary>The group that Ctrl-C goes to and that may read; -1 where there is none.</summary>
    public int ForegroundGroup => tcgetpgrp(Descriptor);

    /// <summary>How many characters a line takes; 80 where the terminal does not say.</summary>
    public unsafe int Columns
    {
        get
        {
            ushort* size = stackalloc ushort[4];
            return ioctl(Descriptor, TIOCGWINSZ, size) == 0 && size[1] > 0 ? size[1] : 80;
        }
    }

    /// <summary>Opens the controlling terminal. Reading never waits.</summary>
    /// <returns>The handle, which the caller disposes; null where this process has no terminal.</returns>
    public static TerminalHandle? TryOpen()
    {
        int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        return fd >= 0 ? new TerminalHandle(fd) : null;
    }

    /// <summary>The settings now.</summary>
    /// <returns>The settings; null where the terminal is gone.</returns>
    public unsafe TerminalMode? GetMode()
    {
        byte[] settings = new byte[TerminalMode.Bytes];
        fixed (byte* pointer = settings)
        {
            return tcgetattr(Descriptor, pointer) == 0 ? new TerminalMode(settings) : null;
        }
    }

    /// <summary>Changes the settings, also from the background.</summary>
    /// <param name="mode">The settings.</param>
    public unsafe void SetMode(TerminalMode mode)
    {
        ArgumentNullException.ThrowIfNull(mode);
        fixed (byte* pointer = mode.Settings)
        {
            nint settings = (nint)pointer;
            WithoutStop(() => tcsetattr(Descriptor, TCSADRAIN, (void*)settings));
        }
    }

    /// <summary>Makes a group the one that Ctrl-C goes to and that may read, also from the background.</summary>
    /// <param name="group">The id of a group of this session.</param>
    /// <returns>False where there is no such group any more, or the terminal is gone.</returns>
    public bool TrySetForeground(int group) => WithoutStop(() => tcsetpgrp(Descriptor, group)) == 0;

    /// <summary>Takes what was typed.</summary>
    /// <param name="buffer">Where it goes.</param>
    /// <returns>The number of bytes; 0 where nothing was, -1 where the terminal is gone.</returns>
    public unsafe int TryRead(Span<byte> buffer)
    {
        fixed (byte* pointer = buffer)
        {
            nint count = read(Descriptor, pointer, (nuint)buffer.Length);
            if (count > 0)
            {
                return (int)count;
            }

            return count < 0 && Marshal.GetLastPInvokeError() is ErrnoTable.EAGAIN or ErrnoTable.EINTR ? 0 : -1;
        }
    }

    // A process in the background that changes the terminal is stopped by SIGTTOU, unless the thread that does it has
    // the signal blocked (tcsetpgrp(3)).
    private static unsafe int WithoutStop(Func<int> call)
    {
        byte* blocked = stackalloc byte[SignalSetBytes];
        byte* before = stackalloc byte[SignalSetBytes];
        sigemptyset(blocked);
        sigaddset(blocked, SignalNumber.SIGTTOU);
        pthread_sigmask(SIG_BLOCK, blocked, before);
        try
        {
            return call();
        }
        finally
        {
            pthread_sigmask(SIG_SETMASK, before, null);
        }
    }

    [LibraryImport("libc")]
    private static partial int isatty(int fd);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint read(int fd, byte* buffer, nuint count);

    [LibraryImport("libc")]
    private static partial int tcgetpgrp(int fd);

    [LibraryImport("libc")]
    private static partial int tcsetpgrp(int fd, int group);

    [LibraryImport("libc")]
    private static unsafe partial int tcgetattr(int fd, void* settings);

    [LibraryImport("libc")]
    private static unsafe partial int tcsetattr(int fd, int when, void* settings);

    [LibraryImport("libc")]
    private static unsafe partial int ioctl(int fd, nuint request, void* value);

    [LibraryImport("libc")]
    private static unsafe partial int sigemptyset(void* signals);

    [LibraryImport("libc")]
    private static unsafe partial int sigaddset(void* signals, int signal);

    [LibraryImport("libc")]
    private static unsafe partial int pthread_sigmask(int how, void* signals, void* before);
}
