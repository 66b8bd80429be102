using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using Vigil.IO.Operations;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.IO;

/// <content>Open files: opening, reading, writing, and waiting for the disk.</content>
public sealed partial class FileEngine
{
    // More than this is not copied in the calling thread.
    private const int MostAtOnceBytes = 256 << 10;
    private const int ShortPathBytes = 512;

    // What open(2) makes where nothing is said: 0666, from which the umask is taken.
    private const UnixFileMode DefaultPermissions = UnixFileMode.UserRead | UnixFileMode.UserWrite
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    [ThreadStatic]
    private static (WeakReference<SafeFileHandle> File, bool IsDirect) _lastUsed;

    /// <inheritdoc cref="Files.OpenAsync(string, FileMode, FileAccess, CancellationToken)"/>
    public ValueTask<SafeFileHandle> OpenAsync(
        string path, FileMode mode, FileAccess access, CancellationToken cancellation = default) =>
        OpenAsync(path, mode, access, DefaultPermissions, cancellation);

    /// <inheritdoc cref="Files.OpenAsync(string, FileMode, FileAccess, UnixFileMode, CancellationToken)"/>
    public ValueTask<SafeFileHandle> OpenAsync(
        string path,
        FileMode mode,
        FileAccess access,
        UnixFileMode permissions,
        CancellationToken cancellation = default)
    {
        CheckPath(path);
        OpenFlags flags = FlagsOf(mode, access);
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<SafeFileHandle>(cancellation);
        }

        bool changes = (flags & (OpenFlags.Create | OpenFlags.Truncate)) != 0;
        if (_triesAtOnce && !changes && OpenAtOnce(path, flags, cancellation) is { } opened)
        {
            return opened;
        }

        FileOperation operation = FileOperation.Rent(this, OperationKind.Open).Opening(path, flags, (uint)permissions);
        return operation.StartOpenAsync(changes ? Works() : Waits(), cancellation);
    }

    /// <inheritdoc cref="Files.ReadAsync(SafeFileHandle, Memory{byte}, long, CancellationToken)"/>
    public ValueTask<int> ReadAsync(
        SafeFileHandle handle, Memory<byte> buffer, long offset, CancellationToken cancellation = default) =>
        ReadAsync(handle, buffer, offset, path: null, cancellation);

    /// <summary>The same, with the path that an error names.</summary>
    internal ValueTask<int> ReadAsync(
        SafeFileHandle handle, Memory<byte> buffer, long offset, string? path, CancellationToken cancellation)
    {
        CheckHandle(handle, offset);
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellation);
        }

        if (buffer.IsEmpty)
        {
            return default;
        }

        int done = 0;
        Carrier carrier;
        if (_triesAtOnce)
        {
            KernelResult result = ReadAtOnce(handle, buffer.Span, offset, ref done, out carrier!);
            if (carrier is null)
            {
                return result.IsSuccess
                    ? new(done)
                    : ValueTask.FromException<int>(result.ToException("preadv2", path));
            }
        }
        else
        {
            carrier = Waits();
        }

        return FileOperation.Rent(this, OperationKind.Read).Of(path).On(handle, offset + done, done)
            .With(buffer[done..]).StartCountAsync(carrier, cancellation);
    }

    /// <inheritdoc cref="Files.ReadAsync(SafeFileHandle, IReadOnlyList{Memory{byte}}, long, CancellationToken)"/>
    public ValueTask<long> ReadAsync(
        SafeFileHandle handle,
        IReadOnlyList<Memory<byte>> buffers,
        long offset,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(buffers);
        CheckHandle(handle, offset);
        if (buffers.Count == 0)
        {
            throw new ArgumentException("There is no buffer to read into.", nameof(buffers));
        }

        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<long>(cancellation);
        }

        // Piece by piece while the cache has it: a system call costs less than pinning does.
        long done = 0;
        Carrier? carrier = _triesAtOnce ? null : Waits();
        for (int i = 0; carrier is null; i++)
        {
            if (i == buffers.Count)
            {
                return new(done);
            }

            int part = 0;
            KernelResult result = ReadAtOnce(handle, buffers[i].Span, offset + done, ref part, out carrier);
            done += part;
            carrier ??= done > MostAtOnceBytes && part == buffers[i].Length ? Works() : null;
            if (!result.IsSuccess && carrier is null)
            {
                return ValueTask.FromException<long>(result.ToException("preadv2"));
            }

            if (part < buffers[i].Length && carrier is null)
            {
                return new(done);
            }
        }

        return FileOperation.Rent(this, OperationKind.Read).On(handle, offset + done, done).With(buffers, done)
            .StartLongCountAsync(carrier, cancellation);
    }

    /// <inheritdoc cref="Files.WriteAsync(SafeFileHandle, ReadOnlyMemory{byte}, long, CancellationToken)"/>
    public ValueTask WriteAsync(
        SafeFileHandle handle, ReadOnlyMemory<byte> buffer, long offset, CancellationToken cancellation = default)
    {
        CheckHandle(handle, offset);
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellation);
        }

        if (buffer.IsEmpty)
        {
            return default;
        }

        int done = 0;
        Carrier carrier;
        if (_triesAtOnce)
        {
            carrier = WriteAtOnce(handle, buffer.Span, offset, ref done)!;
            if (carrier is null)
            {
                return default;
            }
        }
        else
        {
            carrier = Waits();
        }

        return FileOperation.Rent(this, OperationKind.Write).On(handle, offset + done, done).With(buffer[done..])
            .StartAsync(carrier, cancellation);
    }

    /// <inheritdoc cref="Files.WriteAsync(SafeFileHandle, IReadOnlyList{ReadOnlyMemory{byte}}, long,
    /// CancellationToken)"/>
    public ValueTask WriteAsync(
        SafeFileHandle handle,
        IReadOnlyList<ReadOnlyMemory<byte>> buffers,
        long offset,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(buffers);
        CheckHandle(handle, offset);
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellation);
        }

        FileOperation operation = FileOperation.Rent(this, OperationKind.Write).On(handle, offset).With(buffers, 0);
        if (operation.HasNothingToTransfer)
        {
            operation.Return();
            return default;
        }

        return operation.StartAsync(_triesAtOnce && IsDirect(handle) ? Waits() : Works(), cancellation);
    }

    /// <inheritdoc cref="Files.FlushAsync(SafeFileHandle, bool, CancellationToken)"/>
    public ValueTask FlushAsync(
        SafeFileHandle handle, bool dataOnly = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return cancellation.IsCancellationRequested
            ? ValueTask.FromCanceled(cancellation)
            : FileOperation.Rent(this, dataOnly ? OperationKind.SyncData : OperationKind.Sync).On(handle)
                .StartAsync(Waits(), cancellation);
    }

    /// <inheritdoc cref="Files.PrepareClose"/>
    public static PreparedClose PrepareClose() => new();

    private void CheckPath(string path)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("A path has no NUL in it.", nameof(path));
        }
    }

    private void CheckHandle(SafeFileHandle handle, long offset)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentNullException.ThrowIfNull(handle);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ObjectDisposedException.ThrowIf(handle.IsClosed, handle);
    }

    private static OpenFlags FlagsOf(FileMode mode, FileAccess access)
    {
        OpenFlags flags = access switch
        {
            FileAccess.Read => OpenFlags.Read,
            FileAccess.Write => OpenFlags.Write,
            FileAccess.ReadWrite => OpenFlags.ReadWrite,
            _ => throw new ArgumentOutOfRangeException(nameof(access), access, null),
        };
        flags |= mode switch
        {
            FileMode.Open => 0,
            FileMode.OpenOrCreate => OpenFlags.Create,
            FileMode.Create => OpenFlags.Create | OpenFlags.Truncate,
            FileMode.CreateNew => OpenFlags.Create | OpenFlags.Exclusive,
            FileMode.Truncate => OpenFlags.Truncate,
            FileMode.Append => OpenFlags.Create | OpenFlags.Append,
            _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, null),
        };
        return access == FileAccess.Read && mode is not (FileMode.Open or FileMode.OpenOrCreate)
            ? throw new ArgumentException($"{mode} is for writing.", nameof(access))
            : flags;
    }

    // Null where it has to wait. What is no regular file may have something to wait for after the open.
    [SkipLocalsInit]
    [SuppressMessage("Reliability", "CA2012", Justification = "The task is handed on once.")]
    private ValueTask<SafeFileHandle>? OpenAtOnce(
        string path, OpenFlags flags, CancellationToken cancellation)
    {
        Span<byte> room = stackalloc byte[ShortPathBytes];
        if (!PathText.TryWriteTerminated(path, room, out int count))
        {
            return null;
        }

        KernelResult result = FileOpen.TryOpenCached(room[..count], flags, out SafeFileHandle? handle);
        if (!result.IsSuccess)
        {
            // A FIFO without a reader, and what is not known here, is for the other way to say.
            return result.Failure is Failure.NotFound or Failure.AccessDenied or Failure.IsDirectory
                ? ValueTask.FromException<SafeFileHandle>(result.ToException("open", path))
                : null;
        }

        FileOpen.ClearNonBlocking(handle!);
        return flags == OpenFlags.Read && Stat.TryGet(handle!, out FileStatus status) == Failure.None && status.IsFifo
            ? FileOperation.Rent(this, OperationKind.Open).Opening(path, flags, 0).Continuing(handle!)
                .StartOpenAsync(_threads, cancellation)
            : new(handle!);
    }

    // Until the carrier is null the read goes on there; a failure counts only without one.
    private unsafe KernelResult ReadAtOnce(
        SafeFileHandle handle, Span<byte> buffer, long offset, ref int done, out Carrier? carrier)
    {
        carrier = null;
        if (buffer.Length > MostAtOnceBytes)
        {
            carrier = IsDirect(handle) ? Waits() : Works();
            return default;
        }

        // RWF_NOWAIT does wait for the disk itself where the page cache is not used.
        if (IsDirect(handle))
        {
            carrier = Waits();
            return default;
        }

        fixed (byte* start = buffer)
        {
            while (done < buffer.Length)
            {
                IoVector vector = new() { Start = start + done, Length = (nuint)(buffer.Length - done) };
                KernelResult result = FileTransfer.Read(handle, &vector, 1, offset + done, noWait: true);
                if (result.Value > 0)
                {
                    done += (int)result.Value;
                    continue;
                }

                if (!result.IsSuccess && result.Failure is not (Failure.AccessDenied or Failure.IsDirectory))
                {
                    carrier = Waits();
                }

                return result;
            }
        }

        return default;
    }

    // Asked of the kernel once for the file that a thread used last: a system call costs as much as a fifth of the
    // read.
    private static bool IsDirect(SafeFileHandle handle)
    {
        (WeakReference<SafeFileHandle> last, bool isDirect) = _lastUsed;
        if (last is not null && last.TryGetTarget(out SafeFileHandle? target) && target == handle)
        {
            return isDirect;
        }

        last ??= new WeakReference<SafeFileHandle>(handle);
        last.SetTarget(handle);
        isDirect = FileOpen.IsDirect(handle);
        _lastUsed = (last, isDirect);
        return isDirect;
    }

    // Null where all of it is written.
    private unsafe Carrier? WriteAtOnce(SafeFileHandle handle, ReadOnlySpan<byte> buffer, long offset, ref int done)
    {
        if (IsDirect(handle))
        {
            return Waits();
        }

        fixed (byte* start = buffer)
        {
            while (done < buffer.Length && buffer.Length <= MostAtOnceBytes)
            {
                IoVector vector = new() { Start = start + done, Length = (nuint)(buffer.Length - done) };
                KernelResult result = FileTransfer.Write(handle, &vector, 1, offset + done, noWait: true);
                if (result.Failure == Failure.NotSeekable)
                {
                    // A pipe may be full for ever; that is not waited for here.
                    return Waits();
                }

                if (result.Value <= 0)
                {
                    break;
                }

                done += (int)result.Value;
            }
        }

        return done == buffer.Length ? null : Works();
    }
}
