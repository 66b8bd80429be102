using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>
/// A file's memory in this process: mmap(2), shared with all others that map it. Unmapped when the last who uses it
/// lets go, so hold a reference (<see cref="SafeHandle.DangerousAddRef"/>) while another thread may dispose it.
/// </summary>
public sealed partial class MemoryMapping : SafeHandle
{
    private const int PROT_READ = 1;
    private const int PROT_WRITE = 2;
    private const int MAP_SHARED = 1;
    private const int MAP_PRIVATE = 2;
    private const int MAP_FIXED = 0x10;
    private const int MAP_ANONYMOUS = 0x20;
    private const int MAP_NORESERVE = 0x4000;
    private const int MAP_POPULATE = 0x8000;

    private MemoryMapping(nint address, long lengthBytes)
        : base(invalidHandleValue: -1, ownsHandle: true)
    {
        SetHandle(address);
        LengthBytes = lengthBytes;
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == -1;

    /// <summary>How many bytes are mapped.</summary>
    public long LengthBytes { get; }

    /// <summary>Where it begins, on a page boundary. Valid until this is released.</summary>
    public unsafe byte* Address => (byte*)handle;

    /// <summary>Maps a file from its start.</summary>
    /// <param name="file">The file. It may be disposed afterwards.</param>
    /// <param name="lengthBytes">How much of it; beyond the end of the file a touch is a SIGBUS.</param>
    /// <param name="writable">Whether it can be written through the mapping.</param>
    /// <param name="populate">Whether the pages are looked up now (MAP_POPULATE), not one by one at the first
    /// touch.</param>
    /// <returns>The mapping; the caller disposes it.</returns>
    /// <exception cref="VigilException">ENOMEM; EACCES or EPERM: the file or its seals do not allow it.</exception>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    public static MemoryMapping Create(MemoryFile file, long lengthBytes, bool writable, bool populate)
    {
        ArgumentNullException.ThrowIfNull(file);
        nint address = mmap(
            0,
            checked((nuint)lengthBytes),
            writable ? PROT_READ | PROT_WRITE : PROT_READ,
            populate ? MAP_SHARED | MAP_POPULATE : MAP_SHARED,
            file,
            0);
        return address != -1
            ? new MemoryMapping(address, lengthBytes)
            : throw VigilException.Create("mmap", Marshal.GetLastPInvokeError());
    }

    /// <summary>munmap(2).</summary>
    /// <returns>Always true.</returns>
    protected override bool ReleaseHandle()
    {
        _ = munmap(handle, (nuint)LengthBytes);
        return true;
    }

    // The queues of a ring. Null where it was refused.
    internal static MemoryMapping? TryCreate(int fd, nuint lengthBytes, long offset)
    {
        nint address = mmap(0, lengthBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);
        return address == -1 ? null : new MemoryMapping(address, (long)lengthBytes);
    }

    // Lets go of the file, and keeps the addresses, with zeros behind them, until this is released: who still reads or
    // writes there does no harm. Refused, which takes a process without memory, the file is let go of by the release.
    internal void Empty()
    {
        const int Flags = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE;
        if (!IsClosed)
        {
            _ = mmap(handle, (nuint)LengthBytes, PROT_READ | PROT_WRITE, Flags, fd: -1, 0);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mmap(nint address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mmap(nint address, nuint length, int protection, int flags, MemoryFile fd, long offset);

    [LibraryImport("libc")]
    private static partial int munmap(nint address, nuint length);
}
