using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>
/// A counter in the kernel that poll(2) can wait for: eventfd(2). Used to wake a thread that is in poll. Thread-safe.
/// </summary>
public sealed partial class EventFd : DescriptorHandle
{
    private const int EFD_CLOEXEC = 0x80000;
    private const int EFD_NONBLOCK = 0x800;

    private EventFd(int descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Creates one, at zero.</summary>
    /// <returns>The handle; the caller disposes it.</returns>
    /// <exception cref="VigilException">The kernel has no descriptor left.</exception>
    public static EventFd Create()
    {
        int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        return fd >= 0
            ? new EventFd(fd)
            : throw VigilException.Create("eventfd", Marshal.GetLastPInvokeError());
    }

    /// <summary>Makes the descriptor readable.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public unsafe void Signal()
    {
        ulong one = 1;
        _ = write(this, &one, sizeof(ulong));
    }

    /// <summary>Takes the signals that came so far.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public unsafe void Drain()
    {
        ulong count;
        _ = read(this, &count, sizeof(ulong));
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initval, int flags);

    [LibraryImport("libc")]
    private static unsafe partial nint write(EventFd fd, void* buffer, nuint count);

    [LibraryImport("libc")]
    private static unsafe partial nint read(EventFd fd, void* buffer, nuint count);
}
