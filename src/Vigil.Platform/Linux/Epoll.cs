using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>
/// Waiting for many descriptors on one thread: epoll(7). A descriptor is armed for one report and then silent until it
/// is armed again (EPOLLONESHOT), unless it was added for a state that lasts. All members are thread-safe, as the
/// kernel's calls are.
/// </summary>
public sealed partial class Epoll : DescriptorHandle
{
    private const int EPOLL_CLOEXEC = 0x80000;
    private const int EPOLL_CTL_ADD = 1;
    private const int EPOLL_CTL_DEL = 2;
    private const int EPOLL_CTL_MOD = 3;
    private const uint EPOLLIN = 0x1;
    private const uint EPOLLONESHOT = 1u << 30;
    private const uint OnceReadable = EPOLLIN | EPOLLONESHOT;
    private const int MaxReports = 64;
    private const int MaxEventBytes = 16;

    // struct epoll_event is packed on x86-64 only (linux/eventpoll.h): u32 events, then u64 data.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventBytes = DataOffset + sizeof(ulong);

    private Epoll(int descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Creates one that waits for nothing yet.</summary>
    /// <returns>The handle; the caller disposes it.</returns>
    /// <exception cref="VigilException">The kernel has no descriptor left.</exception>
    public static Epoll Create()
    {
        int fd = epoll_create1(EPOLL_CLOEXEC);
        return fd >= 0
            ? new Epoll(fd)
            : throw VigilException.Create("epoll_create1", Marshal.GetLastPInvokeError());
    }

    /// <summary>Adds a descriptor, armed: once it is readable (or is already), it is reported once.</summary>
    /// <param name="handle">The descriptor. <see cref="Remove"/> it before it is closed.</param>
    /// <param name="token">What <see cref="Wait"/> reports it as.</param>
    /// <exception cref="VigilException">EEXIST: it was added before; ENOSPC: fs.epoll.max_user_watches is
    /// reached.</exception>
    /// <exception cref="ObjectDisposedException">A handle was disposed.</exception>
    public void Add(DescriptorHandle handle, ulong token) => Control(EPOLL_CTL_ADD, handle, token, OnceReadable);

    /// <summary>Adds a descriptor that is reported for as long as it is readable, and need not be armed.</summary>
    /// <param name="handle">The descriptor. <see cref="Remove"/> it before it is closed.</param>
    /// <param name="token">What <see cref="Wait"/> reports it as.</param>
    /// <exception cref="VigilException">As for <see cref="Add"/>.</exception>
    /// <exception cref="ObjectDisposedException">A handle was disposed.</exception>
    public void AddWhileReadable(DescriptorHandle handle, ulong token) =>
        Control(EPOLL_CTL_ADD, handle, token, EPOLLIN);

    /// <summary>
    /// Adds a descriptor that is reported once its other end is closed, and from then on at every wait; what the other
    /// end writes is no report.
    /// </summary>
    /// <param name="handle">The descriptor. <see cref="Remove"/> it before it is closed.</param>
    /// <param name="token">What <see cref="Wait"/> reports it as.</param>
    /// <exception cref="VigilException">As for <see cref="Add"/>.</exception>
    /// <exception cref="ObjectDisposedException">A handle was disposed.</exception>
    public void AddHangUp(DescriptorHandle handle, ulong token) => Control(EPOLL_CTL_ADD, handle, token, 0);

    /// <summary>Arms a descriptor again that was added before.</summary>
    /// <param name="handle">The descriptor.</param>
    /// <param name="token">What <see cref="Wait"/> reports it as.</param>
    /// <exception cref="VigilException">ENOENT: it was not added.</exception>
    /// <exception cref="ObjectDisposedException">A handle was disposed.</exception>
    public void Arm(DescriptorHandle handle, ulong token) => Control(EPOLL_CTL_MOD, handle, token, OnceReadable);

    /// <summary>Takes a descriptor out. One that is not there is no error.</summary>
    /// <param name="handle">The descriptor, still open.</param>
    /// <exception cref="ObjectDisposedException">A handle was disposed.</exception>
    public unsafe void Remove(DescriptorHandle handle)
    {
        // Kernels before 2.6.9 wanted the pointer here too (epoll_ctl(2)).
        byte* none = stackalloc byte[MaxEventBytes];
        _ = epoll_ctl(this, EPOLL_CTL_DEL, handle, none);
    }

    /// <summary>Waits until an armed descriptor is readable, hung up or in error.</summary>
    /// <param name="tokens">Where the tokens of the ready descriptors go; at most 64 are filled at a time.</param>
    /// <param name="timeoutMs">Milliseconds; -1 waits for ever. A signal ends the wait early, with nothing
    /// ready.</param>
    /// <returns>The number of tokens.</returns>
    /// <exception cref="VigilException">The kernel refused.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public unsafe int Wait(Span<ulong> tokens, int timeoutMs)
    {
        byte* events = stackalloc byte[MaxEventBytes * MaxReports];
        int count = epoll_wait(this, events, Math.Min(tokens.Length, MaxReports), timeoutMs);
        if (count < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            return errno == ErrnoTable.EINTR ? 0 : throw VigilException.Create("epoll_wait", errno);
        }

        for (int i = 0; i < count; i++)
        {
            tokens[i] = MemoryMarshal.Read<ulong>(new ReadOnlySpan<byte>(events + (i * EventBytes) + DataOffset, 8));
        }

        return count;
    }

    private unsafe void Control(int operation, DescriptorHandle handle, ulong token, uint wanted)
    {
        byte* buffer = stackalloc byte[MaxEventBytes];
        MemoryMarshal.Write(new Span<byte>(buffer, sizeof(uint)), in wanted);
        MemoryMarshal.Write(new Span<byte>(buffer + DataOffset, sizeof(ulong)), in token);
        if (epoll_ctl(this, operation, handle, buffer) != 0)
        {
            throw VigilException.Create("epoll_ctl", Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int epoll_ctl(Epoll epoll, int operation, DescriptorHandle fd, void* descriptorEvent);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int epoll_wait(Epoll epoll, void* events, int maxEvents, int timeoutMs);
}
