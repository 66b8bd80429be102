using Microsoft.Win32.SafeHandles;

namespace Vigil.IO;

/// <summary>
/// Asynchronous files: at once where the page cache has it, io_uring where it has to wait, threads where they are
/// faster
/// or io_uring is refused. What completes at once allocates nothing but its result. Thread-safe.
/// </summary>
/// <remarks>
/// Paths are texts of <c>Vigil.Platform.PathText</c>, so any bytes can be named: a byte that is no UTF-8 is a lone
/// surrogate. No descriptor is inherited by a program that is started (O_CLOEXEC). Refusals of the kernel are
/// <see cref="VigilException"/>, in the task; wrong arguments are thrown at once. Which way is taken, and why, tells
/// <see cref="ActiveBackend"/>; <see cref="FileEngine"/> is the same with a way of one's own choice.
/// </remarks>
/// <example>
/// <code>
/// using SafeFileHandle log = await Files.OpenAsync("app.log", FileMode.Open, FileAccess.Read, cancellation);
/// int n = await Files.ReadAsync(log, buffer, offset, cancellation);
/// byte[] config = await Files.ReadAllBytesAsync("app.yaml", maxBytes: 1 &lt;&lt; 20, cancellation);
/// await Files.WriteAllBytesAsync("app.yaml", config, WriteMode.Atomic, cancellation);
/// </code>
/// </example>
public static class Files
{
    /// <inheritdoc cref="FileEngine.ActiveBackend"/>
    public static FileBackend ActiveBackend => FileEngine.Shared.ActiveBackend;

    /// <inheritdoc cref="FileEngine.FallbackReason"/>
    public static string? FallbackReason => FileEngine.Shared.FallbackReason;

    /// <inheritdoc cref="FileEngine.ResolveBackend"/>
    public static FileBackend ResolveBackend() => FileEngine.Shared.ResolveBackend();

    /// <summary>Opens a file; one that is made gets the permissions 0666 without the umask.</summary>
    /// <param name="path">The path, relative to the current directory unless absolute; links are followed.</param>
    /// <param name="mode">
    /// Open: it must be there. OpenOrCreate: made if not, kept if so. Create: made if not, emptied if so. CreateNew:
    /// must
    /// not be there. Truncate: must be there, emptied. Append: made if not, and every write goes to its end.
    /// </param>
    /// <param name="access">
    /// For reading, writing or both. All modes but Open and OpenOrCreate are for writing. A FIFO that is opened for
    /// reading is open when a writer has come, one for writing when a reader has.
    /// </param>
    /// <param name="cancellation">Gives up the open.</param>
    /// <returns>The open file, which the caller disposes.</returns>
    /// <exception cref="VigilException">open(2) refused it: ENOENT, EACCES, EISDIR, EMFILE and so on.</exception>
    /// <exception cref="OperationCanceledException">It was given up; nothing is open.</exception>
    /// <exception cref="ArgumentException">The path is empty or has a NUL; mode and access do not go
    /// together.</exception>
    public static ValueTask<SafeFileHandle> OpenAsync(
        string path, FileMode mode, FileAccess access, CancellationToken cancellation = default) =>
        FileEngine.Shared.OpenAsync(path, mode, access, cancellation);

    /// <summary>As the other, with permissions for a file that is made.</summary>
    /// <inheritdoc cref="OpenAsync(string, FileMode, FileAccess, CancellationToken)"/>
    /// <param name="path">The path, relative to the current directory unless absolute; links are followed.</param>
    /// <param name="mode">What is there, and what is made or emptied.</param>
    /// <param name="access">For reading, writing or both.</param>
    /// <param name="permissions">The permissions of a file that is made, from which the umask is taken.</param>
    /// <param name="cancellation">Gives up the open.</param>
    public static ValueTask<SafeFileHandle> OpenAsync(
        string path,
        FileMode mode,
        FileAccess access,
        UnixFileMode permissions,
        CancellationToken cancellation = default) =>
        FileEngine.Shared.OpenAsync(path, mode, access, permissions, cancellation);

    /// <summary>
    /// Reads at a position until the buffer is full or the file ends. From a pipe, a FIFO or a terminal it reads once
    /// what is there, wherever the position says.
    /// </summary>
    /// <param name="handle">The open file; it stays open until the task has ended, also if it is disposed.</param>
    /// <param name="buffer">
    /// Where the bytes go. It is the operation's until the task has ended, also after a cancellation.
    /// </param>
    /// <param name="offset">From where in the file, in bytes.</param>
    /// <param name="cancellation">Gives up the read where it can be: a pipe at once, a disk hardly ever.</param>
    /// <returns>How many bytes; fewer than the buffer has at the end of the file only, 0 behind it.</returns>
    /// <exception cref="VigilException">EISDIR: it is a directory; EIO; EBADF: not open for reading.</exception>
    /// <exception cref="OperationCanceledException">It was given up; what is in the buffer is undefined.</exception>
    /// <exception cref="ObjectDisposedException">The handle was closed before.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The offset is negative.</exception>
    public static ValueTask<int> ReadAsync(
        SafeFileHandle handle, Memory<byte> buffer, long offset, CancellationToken cancellation = default) =>
        FileEngine.Shared.ReadAsync(handle, buffer, offset, cancellation);

    /// <summary>As the other, into many buffers, one after the other; any number of them.</summary>
    /// <inheritdoc cref="ReadAsync(SafeFileHandle, Memory{byte}, long, CancellationToken)"/>
    /// <param name="handle">The open file.</param>
    /// <param name="buffers">Where the bytes go: at least one, all the operation's until the task has ended.</param>
    /// <param name="offset">From where in the file, in bytes.</param>
    /// <param name="cancellation">Gives up the read where it can be.</param>
    /// <exception cref="ArgumentException">There is no buffer.</exception>
    public static ValueTask<long> ReadAsync(
        SafeFileHandle handle,
        IReadOnlyList<Memory<byte>> buffers,
        long offset,
        CancellationToken cancellation = default) =>
        FileEngine.Shared.ReadAsync(handle, buffers, offset, cancellation);

    /// <summary>
    /// Writes all of the buffer at a position; what is between the end of the file and there becomes zeros. To a file
    /// that was opened with <see cref="FileMode.Append"/>, a pipe or a terminal it writes at the end, wherever the
    /// position says. It is written when others can read it, on the disk when <see cref="FlushAsync"/> has ended.
    /// </summary>
    /// <param name="handle">The open file; it stays open until the task has ended, also if it is disposed.</param>
    /// <param name="buffer">The bytes; not to be changed until the task has ended.</param>
    /// <param name="offset">To where in the file, in bytes.</param>
    /// <param name="cancellation">
    /// Gives up the write where it can be; a part may be written. By threads, a write into a full pipe cannot be
    /// given up.
    /// </param>
    /// <returns>Ends when all of it is written.</returns>
    /// <exception cref="VigilException">
    /// ENOSPC, EDQUOT: no space; EFBIG: a limit; EIO; EBADF: not open for writing. A part may be written.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was given up; a part may be written.</exception>
    /// <exception cref="ObjectDisposedException">The handle was closed before.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The offset is negative.</exception>
    public static ValueTask WriteAsync(
        SafeFileHandle handle, ReadOnlyMemory<byte> buffer, long offset, CancellationToken cancellation = default) =>
        FileEngine.Shared.WriteAsync(handle, buffer, offset, cancellation);

    /// <summary>As the other, from many buffers, one after the other; any number of them, also none.</summary>
    /// <inheritdoc cref="WriteAsync(SafeFileHandle, ReadOnlyMemory{byte}, long, CancellationToken)"/>
    /// <param name="handle">The open file.</param>
    /// <param name="buffers">The bytes; not to be changed until the task has ended.</param>
    /// <param name="offset">To where in the file, in bytes.</param>
    /// <param name="cancellation">Gives up the write where it can be; a part may be written.</param>
    public static ValueTask WriteAsync(
        SafeFileHandle handle,
        IReadOnlyList<ReadOnlyMemory<byte>> buffers,
        long offset,
        CancellationToken cancellation = default) =>
        FileEngine.Shared.WriteAsync(handle, buffers, offset, cancellation);

    /// <summary>Waits until what was written is on the disk: fsync(2), fdatasync(2).</summary>
    /// <param name="handle">The open file.</param>
    /// <param name="dataOnly">Whether times and the like, which no reader needs, may stay behind.</param>
    /// <param name="cancellation">Gives up the wait where it can be.</param>
    /// <returns>Ends when it is there.</returns>
    /// <exception cref="VigilException">
    /// EIO, ENOSPC: it did not get there, and a second call does not say so again; EINVAL: there is no disk behind it.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    /// <exception cref="ObjectDisposedException">The handle was closed before.</exception>
    public static ValueTask FlushAsync(
        SafeFileHandle handle, bool dataOnly = false, CancellationToken cancellation = default) =>
        FileEngine.Shared.FlushAsync(handle, dataOnly, cancellation);

    /// <summary>Reads a file whole, whatever kind it is: also of /proc, a FIFO to its end, one that grows.</summary>
    /// <param name="path">The path, relative to the current directory unless absolute; links are followed.</param>
    /// <param name="maxBytes">The longest file that is read; one byte more is an error.</param>
    /// <param name="cancellation">Gives up the read where it can be.</param>
    /// <returns>What is in it.</returns>
    /// <exception cref="FileTooLargeException">There is more in it.</exception>
    /// <exception cref="VigilException">open(2) or the read refused it: ENOENT, EACCES, EISDIR, EIO.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    /// <exception cref="ArgumentException">The path is empty or has a NUL, or the limit is negative.</exception>
    public static ValueTask<byte[]> ReadAllBytesAsync(
        string path, int maxBytes, CancellationToken cancellation = default) =>
        FileEngine.Shared.ReadAllBytesAsync(path, maxBytes, cancellation);

    /// <summary>
    /// Writes a file whole; one that is made gets the permissions 0666 without the umask, one that is there keeps those
    /// that it has.
    /// </summary>
    /// <param name="path">
    /// The path, relative to the current directory unless absolute. A link is followed in every mode, and stays.
    /// </param>
    /// <param name="bytes">What is in it afterwards, and nothing else; not to be changed until the task has
    /// ended.</param>
    /// <param name="mode">
    /// What others see meanwhile, and what is there after a crash. <see cref="WriteMode.Atomic"/> makes another file in
    /// the same directory, which has to be readable and writable: other links to the old one keep the old content, and
    /// owner (where this user may give it), group and permissions are kept, ACLs and extended attributes not. A process
    /// that is killed on the way leaves a file <c>.vigil-….tmp</c> behind.
    /// </param>
    /// <param name="cancellation">
    /// Gives up the write where it can be; with <see cref="WriteMode.Atomic"/> the old content is whole then.
    /// </param>
    /// <returns>Ends when it is written, and with <see cref="WriteMode.Atomic"/> when it is on the disk.</returns>
    /// <exception cref="VigilException">
    /// ENOSPC, EDQUOT, EFBIG, EIO, EACCES, EISDIR. With <see cref="WriteMode.Atomic"/> the old content is whole then,
    /// unless it is the fsync(2) of the directory that failed.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    /// <exception cref="IOException">Atomic: it is no regular file.</exception>
    /// <exception cref="ArgumentException">The path is empty or has a NUL, or there is no such mode.</exception>
    public static ValueTask WriteAllBytesAsync(
        string path,
        ReadOnlyMemory<byte> bytes,
        WriteMode mode = WriteMode.InPlace,
        CancellationToken cancellation = default) =>
        FileEngine.Shared.WriteAllBytesAsync(path, bytes, mode, cancellation);

    /// <summary>As the other, with permissions for a file that is made.</summary>
    /// <inheritdoc cref="WriteAllBytesAsync(string, ReadOnlyMemory{byte}, WriteMode, CancellationToken)"/>
    /// <param name="path">The path.</param>
    /// <param name="bytes">What is in it afterwards.</param>
    /// <param name="mode">What others see meanwhile.</param>
    /// <param name="permissions">The permissions of a file that is made, from which the umask is taken.</param>
    /// <param name="cancellation">Gives up the write where it can be.</param>
    public static ValueTask WriteAllBytesAsync(
        string path,
        ReadOnlyMemory<byte> bytes,
        WriteMode mode,
        UnixFileMode permissions,
        CancellationToken cancellation = default) =>
        FileEngine.Shared.WriteAllBytesAsync(path, bytes, mode, permissions, cancellation);

    /// <summary>
    /// Reads many small files whole and gives each when it is there, in whatever order that is. A file that cannot be
    /// read is given with its error, and the others go on.
    /// </summary>
    /// <param name="paths">The paths. They are enumerated by whoever reads the files, a few ahead.</param>
    /// <param name="options">How many at a time, how large at the most; null for what is usual.</param>
    /// <param name="cancellation">Ends the stream.</param>
    /// <returns>The files. To stop early is to leave the loop.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ArgumentException">A path is null, empty or has a NUL.</exception>
    /// <exception cref="VigilException">There is no descriptor or no memory left for a ring.</exception>
    public static IAsyncEnumerable<FileContent> ReadManyAsync(
        IEnumerable<string> paths, ReadManyOptions? options = null, CancellationToken cancellation = default) =>
        FileEngine.Shared.ReadManyAsync(paths, options, cancellation);

    /// <summary>Makes a close ready, before the open.</summary>
    /// <returns>The close, to be disposed.</returns>
    public static PreparedClose PrepareClose() => new();
}
