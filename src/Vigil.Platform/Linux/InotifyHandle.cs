using System.Globalization;
using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>
/// One inotify instance: inotify_init1(2), inotify_add_watch(2), inotify_rm_watch(2) and the read(2) of inotify(7).
/// All members are thread-safe, as the kernel's calls are.
/// </summary>
public sealed partial class InotifyHandle : DescriptorHandle
{
    /// <summary>The size of struct inotify_event without its name, in bytes.</summary>
    public const int EventHeaderBytes = 16;

    /// <summary>The largest event: a header, a name of NAME_MAX bytes and its NUL.</summary>
    public const int MaxEventBytes = EventHeaderBytes + 255 + 1;

    private const int IN_NONBLOCK = 0x800;
    private const int IN_CLOEXEC = 0x80000;
    private const nuint FIONREAD = 0x541B;

    private InotifyHandle(int descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Opens an instance.</summary>
    /// <param name="nonBlocking">IN_NONBLOCK: a read with nothing there answers at once.</param>
    /// <param name="closeOnExec">IN_CLOEXEC: programs that this process starts do not inherit it.</param>
    /// <returns>The handle; the caller disposes it.</returns>
    /// <exception cref="VigilException">EMFILE: fs.inotify.max_user_instances is reached; ENFILE, ENOMEM.</exception>
    public static InotifyHandle Open(bool nonBlocking = true, bool closeOnExec = true)
    {
        int fd = inotify_init1((nonBlocking ? IN_NONBLOCK : 0) | (closeOnExec ? IN_CLOEXEC : 0));
        return fd >= 0
            ? new InotifyHandle(fd)
            : throw VigilException.Create("inotify_init1", Marshal.GetLastPInvokeError());
    }

    /// <summary>Adds or changes the watch of a path.</summary>
    /// <param name="path">The path as bytes, ended by a NUL.</param>
    /// <param name="mask">The events and flags of inotify(7).</param>
    /// <param name="failure">Why it was refused, else <see cref="Failure.None"/>.</param>
    /// <returns>The watch descriptor, or -1.</returns>
    public unsafe int TryAddWatch(ReadOnlySpan<byte> path, uint mask, out Failure failure)
    {
        Guard.Terminated(path);
        int wd;
        fixed (byte* pointer = path)
        {
            wd = inotify_add_watch(this, pointer, mask);
        }

        failure = wd >= 0 ? Failure.None : ErrnoTable.Classify(Marshal.GetLastPInvokeError());
        return wd;
    }

    /// <summary>
    /// Adds or changes the watch of an open directory, whatever its path is by now: through /proc/self/fd, so that no
    /// rename
    /// on the way can make it the watch of another directory.
    /// </summary>
    /// <param name="directory">The directory.</param>
    /// <param name="mask">The events and flags of inotify(7), without IN_DONT_FOLLOW.</param>
    /// <param name="failure">Why it was refused; <see cref="Failure.NotFound"/> also where /proc is not
    /// mounted.</param>
    /// <returns>The watch descriptor, or -1.</returns>
    public int TryAddWatch(DirectoryHandle directory, uint mask, out Failure failure)
    {
        Span<byte> path = stackalloc byte[32];
        return TryAddWatch(directory.WriteSelfPath(path), mask, out failure);
    }

    /// <summary>
    /// As <see cref="TryAddWatch(ReadOnlySpan{byte}, uint, out Failure)"/>, for callers to whom a refusal is an
    /// error.
    /// </summary>
    /// <param name="path">The path as bytes, ended by a NUL.</param>
    /// <param name="mask">The events and flags of inotify(7).</param>
    /// <returns>The watch descriptor.</returns>
    /// <exception cref="VigilException">ENOSPC with the limit; ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG with the
    /// path; EEXIST; EINVAL.</exception>
    public unsafe int AddWatch(ReadOnlySpan<byte> path, uint mask)
    {
        Guard.Terminated(path);
        int wd;
        fixed (byte* pointer = path)
        {
            wd = inotify_add_watch(this, pointer, mask);
        }

        return wd >= 0
            ? wd
            : throw VigilException.Create(
                "inotify_add_watch", Marshal.GetLastPInvokeError(), PathText.FromBytes(path[..^1]));
    }

    /// <summary>Removes a watch.</summary>
    /// <param name="watch">The watch descriptor.</param>
    /// <returns><see cref="Failure.Invalid"/> where the kernel has no such watch (any more).</returns>
    public Failure TryRemoveWatch(int watch) =>
        inotify_rm_watch(this, watch) == 0 ? Failure.None : ErrnoTable.Classify(Marshal.GetLastPInvokeError());

    /// <summary>Reads as many whole events as fit.</summary>
    /// <param name="buffer">Where they go; too small for the next event gives <see cref="Failure.Invalid"/>.</param>
    /// <param name="failure"><see cref="Failure.WouldBlock"/> where there is nothing, <see
    /// cref="Failure.Interrupted"/> after a signal.</param>
    /// <returns>The number of bytes, 0 with a failure.</returns>
    public unsafe int TryRead(Span<byte> buffer, out Failure failure)
    {
        nint count;
        fixed (byte* pointer = buffer)
        {
            count = read(this, pointer, (nuint)buffer.Length);
        }

        failure = count >= 0 ? Failure.None : ErrnoTable.Classify(Marshal.GetLastPInvokeError());
        return count >= 0 ? (int)count : 0;
    }

    /// <summary>As <see cref="TryRead"/>, for callers to whom a refusal is an error.</summary>
    /// <param name="buffer">Where the events go; at least <see cref="MaxEventBytes"/>.</param>
    /// <returns>The number of bytes; 0 where there is nothing now, or a signal came first.</returns>
    /// <exception cref="VigilException">EINVAL: the buffer is too small for the next event; EIO.</exception>
    public int Read(Span<byte> buffer)
    {
        int count = TryRead(buffer, out Failure failure);
        return failure is Failure.None or Failure.WouldBlock or Failure.Interrupted
            ? count
            : throw VigilException.Create("read", Marshal.GetLastPInvokeError());
    }

    /// <summary>The bytes of events that wait in the kernel's queue: FIONREAD, inotify(7).</summary>
    /// <returns>A number of bytes; 0 for none.</returns>
    public unsafe int AvailableBytes()
    {
        int count = 0;
        return ioctl(this, FIONREAD, &count) == 0 ? count : 0;
    }

    /// <summary>
    /// The watches that the kernel holds for this instance now: /proc/self/fdinfo, proc_pid_fdinfo(5). Slow.
    /// </summary>
    /// <returns>Their descriptors, or null where /proc does not tell.</returns>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public IReadOnlySet<int>? ListWatches()
    {
        bool taken = false;
        try
        {
            DangerousAddRef(ref taken);
            return ParseWatches(File.ReadLines($"/proc/self/fdinfo/{Descriptor}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        finally
        {
            if (taken)
            {
                DangerousRelease();
            }
        }
    }

    // "inotify wd:1a ino:2f03 sdev:fd00000 mask:fce …": every number is hexadecimal (fs/notify/fdinfo.c).
    private static HashSet<int> ParseWatches(IEnumerable<string> lines)
    {
        const string Prefix = "inotify wd:";
        HashSet<int> watches = [];
        foreach (string line in lines)
        {
            if (!line.StartsWith(Prefix, StringComparison.Ordinal))
            {
                continue;
            }

            ReadOnlySpan<char> number = line.AsSpan(Prefix.Length);
            int end = number.IndexOf(' ');
            number = end < 0 ? number : number[..end];
            if (int.TryParse(number, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int watch))
            {
                watches.Add(watch);
            }
        }

        return watches;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int inotify_init1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int inotify_add_watch(InotifyHandle fd, byte* path, uint mask);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int inotify_rm_watch(InotifyHandle fd, int wd);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint read(InotifyHandle fd, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int ioctl(InotifyHandle fd, nuint request, int* value);
}
