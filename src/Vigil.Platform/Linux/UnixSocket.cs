using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>
/// A Unix domain socket that can carry open descriptors: unix(7). Its calls may come from any thread; what one thread
/// sends and another receives at the same time does not mix.
/// </summary>
public sealed partial class UnixSocket : DescriptorHandle
{
    /// <summary>How many descriptors one message can carry: SCM_MAX_FD of unix(7).</summary>
    public const int MaxDescriptors = 253;

    // sun_path of struct sockaddr_un, its NUL included.
    private const int MaxPathBytes = 108;
    private const int AF_UNIX = 1;
    private const int SOCK_STREAM = 1;
    private const int SOCK_DGRAM = 2;
    private const int SOCK_SEQPACKET = 5;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int SOCK_NONBLOCK = 0x800;
    private const int SOL_SOCKET = 1;
    private const int SO_SNDBUF = 7;
    private const int SO_PEERCRED = 17;
    private const int SO_PEERPIDFD = 77;
    private const int SHUT_RDWR = 2;
    private const int Backlog = 128;
    private const nuint SIOCOUTQ = 0x5411;

    private UnixSocket(int descriptor, bool ownsHandle = true)
        : base(descriptor, ownsHandle)
    {
    }

    /// <summary>
    /// Whether the other end is closed: POLLHUP. Nothing that the other end sends can make it look closed.
    /// </summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public bool IsHungUp => Poll.IsHungUp(this);

    /// <summary>The effective user of this process: what its peers see of it.</summary>
    public static uint OwnUserId => geteuid();

    /// <summary>Two connected sockets that keep the bounds of messages (SOCK_SEQPACKET).</summary>
    /// <param name="other">The other end; the caller disposes it.</param>
    /// <returns>One end, whose calls never block; the caller disposes it.</returns>
    /// <exception cref="VigilException">EMFILE, ENFILE.</exception>
    public static unsafe UnixSocket CreatePair(out UnixSocket other)
    {
        int* pair = stackalloc int[2];
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
        {
            throw VigilException.Create("socketpair", Marshal.GetLastPInvokeError());
        }

        other = new UnixSocket(pair[1]);
        return new UnixSocket(pair[0]);
    }

    /// <summary>Waits for connections at a path, which must not exist yet.</summary>
    /// <param name="path">Where; it may have 107 bytes as UTF-8.</param>
    /// <param name="packets">Whether the bounds of messages are kept (SOCK_SEQPACKET); else it is a stream.</param>
    /// <returns>The socket; the caller disposes it, and removes the path.</returns>
    /// <exception cref="VigilException">EADDRINUSE, EACCES, ENOENT, ENOTDIR with the path; EMFILE.</exception>
    /// <exception cref="ArgumentException">The path is empty or longer than a socket's may be.</exception>
    public static unsafe UnixSocket Listen(string path, bool packets = false)
    {
        byte* address = stackalloc byte[AddressBytes];
        int length = WriteAddress(path, address);
        var socket = Create((packets ? SOCK_SEQPACKET : SOCK_STREAM) | SOCK_NONBLOCK);
        if (bind(socket, address, length) == 0 && listen(socket, Backlog) == 0)
        {
            return socket;
        }

        int errno = Marshal.GetLastPInvokeError();
        socket.Dispose();
        throw VigilException.Create("bind", errno, path);
    }

    /// <summary>Connects to a socket that listens at a path. Does not wait.</summary>
    /// <param name="path">Where; it may have 107 bytes as UTF-8.</param>
    /// <param name="failure">Why it was refused: NotFound, ConnectionRefused (nobody listens), AccessDenied, WouldBlock
    /// (too many others wait to be accepted); else <see cref="Failure.None"/>.</param>
    /// <param name="packets">Whether the bounds of messages are kept (SOCK_SEQPACKET); else it is a stream.</param>
    /// <returns>The socket, which the caller disposes, or null.</returns>
    /// <exception cref="VigilException">EMFILE.</exception>
    /// <exception cref="ArgumentException">The path is empty or longer than a socket's may be.</exception>
    public static unsafe UnixSocket? TryConnect(string path, out Failure failure, bool packets = false)
    {
        byte* address = stackalloc byte[AddressBytes];
        int length = WriteAddress(path, address);
        var socket = Create((packets ? SOCK_SEQPACKET : SOCK_STREAM) | SOCK_NONBLOCK);
        if (connect(socket, address, length) == 0)
        {
            failure = Failure.None;
            return socket;
        }

        failure = ErrnoTable.Classify(Marshal.GetLastPInvokeError());
        socket.Dispose();
        return null;
    }

    /// <summary>Whether a process has a socket at a path, found out without a connection to it.</summary>
    /// <param name="path">Where; it may have 107 bytes as UTF-8.</param>
    /// <returns>False where the socket there is what a process that ended left behind.</returns>
    /// <exception cref="VigilException">EMFILE.</exception>
    /// <exception cref="ArgumentException">The path is empty or longer than a socket's may be.</exception>
    public static unsafe bool IsInUse(string path)
    {
        // The kernel looks for the socket first and then whether it is of the same kind (EPROTOTYPE).
        byte* address = stackalloc byte[AddressBytes];
        int length = WriteAddress(path, address);
        using var socket = Create(SOCK_DGRAM | SOCK_NONBLOCK);
        return connect(socket, address, length) == 0 || Marshal.GetLastPInvokeError() != ErrnoTable.ECONNREFUSED;
    }

    /// <summary>Connects to a socket that listens at a path. Does not wait.</summary>
    /// <param name="path">Where; it may have 107 bytes as UTF-8.</param>
    /// <returns>The socket; the caller disposes it.</returns>
    /// <exception cref="VigilException">ENOENT, ECONNREFUSED (nobody listens), EACCES, EAGAIN (too many others wait to
    /// be accepted) with the path; EMFILE.</exception>
    /// <exception cref="ArgumentException">The path is empty or longer than a socket's may be.</exception>
    public static UnixSocket Connect(string path) =>
        TryConnect(path, out _) ?? throw VigilException.Create("connect", Marshal.GetLastPInvokeError(), path);

    /// <summary>Uses a descriptor of somebody else, who goes on owning it and must keep it open meanwhile.</summary>
    /// <param name="descriptor">The number of the descriptor.</param>
    /// <returns>The handle; disposing it closes nothing.</returns>
    public static UnixSocket Borrow(int descriptor) => new(descriptor, ownsHandle: false);

    /// <summary>Takes a descriptor that came from another process.</summary>
    /// <param name="received">The descriptor, which this takes over.</param>
    /// <returns>The handle; the caller disposes it.</returns>
    public static UnixSocket Adopt(ReceivedDescriptor received)
    {
        ArgumentNullException.ThrowIfNull(received);
        return new UnixSocket(received.Take());
    }

    /// <summary>Takes the next connection of a socket that listens. It does not wait for one.</summary>
    /// <param name="failure">Why there is none: WouldBlock, TooManyOpen; else <see cref="Failure.None"/>.</param>
    /// <returns>The connection, which the caller disposes, or null.</returns>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public unsafe UnixSocket? TryAccept(out Failure failure)
    {
        int fd = accept4(this, null, null, SOCK_CLOEXEC);
        failure = fd >= 0 ? Failure.None : ErrnoTable.Classify(Marshal.GetLastPInvokeError());
        return fd >= 0 ? new UnixSocket(fd) : null;
    }

    /// <summary>
    /// Who is at the other end: SO_PEERCRED. These are the credentials at the time of the connection; for a pair that
    /// was made before a fork, those of its maker.
    /// </summary>
    /// <param name="credentials">Who.</param>
    /// <returns>None; Invalid where this is no connected Unix socket.</returns>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public unsafe Failure TryGetPeer(out PeerCredentials credentials)
    {
        // struct ucred: pid_t, uid_t, gid_t.
        int* ucred = stackalloc int[3];
        int length = 3 * sizeof(int);
        if (getsockopt(this, SOL_SOCKET, SO_PEERCRED, ucred, &length) != 0)
        {
            credentials = default;
            return ErrnoTable.Classify(Marshal.GetLastPInvokeError());
        }

        // A socket without a peer has the user -1. A peer in a pid namespace that is not visible has the process 0.
        credentials = new PeerCredentials(ucred[0], (uint)ucred[1], (uint)ucred[2]);
        return ucred[1] == -1 ? Failure.Invalid : Failure.None;
    }

    /// <summary>The process at the other end, not to be taken for another one: SO_PEERPIDFD, Linux 6.5.</summary>
    /// <returns>The handle, which the caller disposes, or null where the kernel does not tell.</returns>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public unsafe ProcessHandle? TryOpenPeer()
    {
        int fd = -1;
        int length = sizeof(int);
        return getsockopt(this, SOL_SOCKET, SO_PEERPIDFD, &fd, &length) == 0 && fd >= 0
            ? ProcessHandle.Adopt(fd)
            : null;
    }

    /// <summary>Ends the connection in both directions, at once, whoever else holds this socket: shutdown(2).</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public void Shutdown() => _ = shutdown(this, SHUT_RDWR);

    /// <summary>How much of what was sent the other end has not received: SIOCOUTQ, in bytes of kernel
    /// memory.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public unsafe int UnreceivedBytes
    {
        get
        {
            int bytes = 0;
            return ioctl(this, SIOCOUTQ, &bytes) == 0 ? bytes : 0;
        }
    }

    /// <summary>How much kernel memory of what was sent may wait for the other end: SO_SNDBUF. As long as there is
    /// less, a message is taken.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public unsafe int SendBufferBytes
    {
        get
        {
            int bytes = 0;
            int length = sizeof(int);
            return getsockopt(this, SOL_SOCKET, SO_SNDBUF, &bytes, &length) == 0 ? bytes : 0;
        }
    }

    /// <summary>Waits until there is something to read, or the other end is closed.</summary>
    /// <param name="timeoutMs">Milliseconds; -1 waits for ever. A signal may end the wait early.</param>
    /// <returns>Whether there is.</returns>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public bool WaitReadable(int timeoutMs) => Poll.Wait(this, null, null, timeoutMs).HasFlag(PollReady.First);

    private static UnixSocket Create(int type)
    {
        int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
        return fd >= 0 ? new UnixSocket(fd) : throw VigilException.Create("socket", Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int socketpair(int domain, int type, int protocol, int* pair);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int bind(UnixSocket fd, byte* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int listen(UnixSocket fd, int backlog);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int connect(UnixSocket fd, byte* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int accept4(UnixSocket fd, void* address, void* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int getsockopt(UnixSocket fd, int level, int option, void* value, int* length);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int ioctl(UnixSocket fd, nuint request, int* value);

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial int shutdown(UnixSocket fd, int how);
}
