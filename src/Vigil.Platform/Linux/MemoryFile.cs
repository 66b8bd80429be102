using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>
/// Memory with a descriptor, to be shared with other processes: memfd_create(2), with the seals of fcntl(2).
/// Thread-safe.
/// </summary>
public sealed partial class MemoryFile : DescriptorHandle
{
    private const long PieceBytes = 16 << 20;
    private const uint MFD_CLOEXEC = 0x1;
    private const uint MFD_ALLOW_SEALING = 0x2;
    private const uint MFD_NOEXEC_SEAL = 0x8;
    private const int F_ADD_SEALS = 1033;
    private const int F_GET_SEALS = 1034;
    private const int F_DUPFD_CLOEXEC = 1030;
    private const int O_RDONLY = 0;
    private const int O_CLOEXEC = 0x80000;

    private MemoryFile(int descriptor)
        : base(descriptor)
    {
    }

    /// <summary>The bytes it has: fstat(2). -1 where it cannot be told.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public long LengthBytes => Stat.TryGet(this, out FileStatus status) == Failure.None ? status.SizeBytes : -1;

    /// <summary>The bytes of memory that it has; fewer than its length where it has holes. -1 where it cannot be
    /// told.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public long AllocatedBytes =>
        Stat.TryGet(this, out FileStatus status) == Failure.None ? status.AllocatedBytes : -1;

    /// <summary>
    /// What can no longer be done to it: F_GET_SEALS. None also where the descriptor is no memory file at all.
    /// </summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public MemorySeals Seals
    {
        get
        {
            int seals = fcntl(this, F_GET_SEALS, 0);
            return seals < 0 ? MemorySeals.None : (MemorySeals)seals;
        }
    }

    /// <summary>
    /// Creates one whose memory is there: where there is not enough, that is said now, and not with a SIGBUS later.
    /// </summary>
    /// <param name="name">What /proc shows as its name.</param>
    /// <param name="lengthBytes">Its size.</param>
    /// <returns>The handle; the caller disposes it.</returns>
    /// <exception cref="VigilException">ENOMEM or ENOSPC: not enough memory; EMFILE; EFBIG.</exception>
    public static MemoryFile Create(string name, long lengthBytes)
    {
        MemoryFile file = Create(name);
        long done = 0;
        while (done < lengthBytes || lengthBytes == 0)
        {
            // In pieces: a signal ends the call, and what it did is undone.
            long piece = Math.Min(PieceBytes, lengthBytes - done);
            if (fallocate(file, 0, done, piece) == 0)
            {
                done += piece;
                continue;
            }

            int errno = Marshal.GetLastPInvokeError();
            if (errno != ErrnoTable.EINTR)
            {
                file.Dispose();
                throw VigilException.Create("fallocate", errno);
            }
        }

        return file;
    }

    /// <summary>Takes a descriptor that came from another process; nothing of it is believed yet.</summary>
    /// <param name="received">The descriptor, which this takes over.</param>
    /// <returns>The handle; the caller disposes it.</returns>
    public static MemoryFile Adopt(ReceivedDescriptor received)
    {
        ArgumentNullException.ThrowIfNull(received);
        return new MemoryFile(received.Take());
    }

    /// <summary>Forbids things for good: F_ADD_SEALS.</summary>
    /// <param name="seals">What is forbidden from now on.</param>
    /// <exception cref="VigilException">EPERM: sealed against more seals; EBUSY: it is mapped writable.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public void AddSeals(MemorySeals seals)
    {
        if (fcntl(this, F_ADD_SEALS, (int)seals) != 0)
        {
            throw VigilException.Create("fcntl(F_ADD_SEALS)", Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>
    /// Opens the same memory for reading only. Without /proc this gives a copy of the descriptor itself: what keeps
    /// others from writing is <see cref="MemorySeals.FutureWrite"/>, this is the second lock on the door.
    /// </summary>
    /// <returns>The handle; the caller disposes it.</returns>
    /// <exception cref="VigilException">EMFILE.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public MemoryFile OpenReadOnly()
    {
        bool taken = false;
        try
        {
            DangerousAddRef(ref taken);
            int fd = open($"/proc/self/fd/{Descriptor}", O_RDONLY | O_CLOEXEC, 0);
            int errno = fd >= 0 ? 0 : Marshal.GetLastPInvokeError();
            if (errno is ErrnoTable.ENOENT or ErrnoTable.ENOTDIR or ErrnoTable.EACCES)
            {
                fd = fcntl(this, F_DUPFD_CLOEXEC, 0);
                errno = fd >= 0 ? 0 : Marshal.GetLastPInvokeError();
            }

            return fd >= 0 ? new MemoryFile(fd) : throw VigilException.Create("open", errno);
        }
        finally
        {
            if (taken)
            {
                DangerousRelease();
            }
        }
    }

    private static MemoryFile Create(string name)
    {
        int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
        if (fd < 0 && Marshal.GetLastPInvokeError() == ErrnoTable.EINVAL)
        {
            // Linux before 6.3 does not know MFD_NOEXEC_SEAL.
            fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
        }

        return fd >= 0
            ? new MemoryFile(fd)
            : throw VigilException.Create("memfd_create", Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fallocate(MemoryFile fd, int mode, long offset, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(MemoryFile fd, int command, int argument);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);
}
