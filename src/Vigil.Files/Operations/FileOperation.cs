using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.IO.Operations;

/// <summary>
/// One thing that is asked of the kernel and may take more than one call: what is transferred is looped over until it
/// is whole. Every <see cref="Carrier"/> takes it through the same steps, so that they differ in nothing but the way.
/// </summary>
/// <remarks>
/// Implementation notes. The life of an operation: Rent, fill, Start; then the carrier has it, alone, until Finish;
/// then
/// Execute delivers the result in a thread of the pool; then whoever awaits takes the result, and with that it is free
/// for the next. The caller's memory is pinned and the handle held open from Start to Finish, so also while the
/// operation is queued or being cancelled: the kernel never writes to memory that was given back, nor to another file.
/// </remarks>
internal sealed unsafe partial class FileOperation : RingNode, IThreadPoolWorkItem
{
    private const int MostPooled = 256;
    private const int SliceMs = 50;
    private const int ShortSliceMs = 1;
    private const int MostFaults = 3;

    private static readonly ConcurrentQueue<FileOperation> Pool = new();

    [ThreadStatic]
    private static FileOperation? _cached;

    private readonly VectorBlock _memory = new();
    private OperationKind _kind;
    private FileEngine? _engine;
    private Carrier? _carrier;
    private SafeFileHandle? _handle;
    private bool _holdsHandle;
    private bool _isOver;
    private bool _lacksReader;
    private bool _waitsForOthers;
    private int _faults;
    private long _offset;
    private long _done;
    private byte[]? _path;
    private string? _pathText;
    private OpenFlags _openFlags;
    private uint _permissions;
    private CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;
    private volatile bool _isCancelled;
    private Exception? _failure;
    private KernelResult _refusal;
    private SafeFileHandle? _opened;

    /// <summary>Whether somebody wants it to be given up.</summary>
    /// <remarks>
    /// The token is asked too: who is told of its cancellation is told by a thread of the pool, and that may be the one
    /// that an operation of this kind has.
    /// </remarks>
    internal bool IsCancelled => _isCancelled || _cancellation.IsCancellationRequested || _engine!.IsDisposed;

    private bool IsStream => _offset == FileTransfer.CurrentPosition;

    internal static FileOperation Rent(FileEngine engine, OperationKind kind)
    {
        FileOperation operation = _cached ?? (Pool.TryDequeue(out FileOperation? pooled) ? pooled : new());
        _cached = null;
        operation._engine = engine;
        operation._kind = kind;
        return operation;
    }

    /// <summary>The file; <paramref name="done"/> bytes before the position were transferred already.</summary>
    internal FileOperation On(SafeFileHandle handle, long offset = 0, long done = 0)
    {
        _handle = handle;
        _offset = offset;
        _done = done;
        return this;
    }

    /// <summary>The path that an error names, or null.</summary>
    internal FileOperation Of(string? path)
    {
        _pathText = path;
        return this;
    }

    internal FileOperation With(ReadOnlyMemory<byte> memory)
    {
        try
        {
            _memory.Reserve(1);
            _memory.Add(memory);
            return this;
        }
        catch
        {
            // Memory that was given back cannot be pinned.
            Return();
            throw;
        }
    }

    internal FileOperation With(IReadOnlyList<Memory<byte>> buffers, long skip)
    {
        try
        {
            int count = buffers.Count;
            _memory.Reserve(count);
            for (int i = 0; i < count; i++)
            {
                _memory.Add(buffers[i]);
            }

            _memory.Advance(skip);
            return this;
        }
        catch
        {
            Return();
            throw;
        }
    }

    internal FileOperation With(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long skip)
    {
        try
        {
            int count = buffers.Count;
            _memory.Reserve(count);
            for (int i = 0; i < count; i++)
            {
                _memory.Add(buffers[i]);
            }

            _memory.Advance(skip);
            return this;
        }
        catch
        {
            Return();
            throw;
        }
    }

    internal FileOperation Opening(string path, OpenFlags flags, uint permissions)
    {
        // Never moved: the kernel reads it while the operation is under way.
        byte[] bytes = PathText.ToTerminated(path);
        _path = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(_path, 0);
        _pathText = path;
        _openFlags = flags;
        _permissions = permissions;
        return this;
    }

    /// <summary>A file that is open already, but whose open has not waited for a writer.</summary>
    internal FileOperation Continuing(SafeFileHandle opened)
    {
        _opened = opened;
        return this;
    }

    /// <summary>Whether there is no byte to read or to write.</summary>
    internal bool HasNothingToTransfer => _memory.IsDone;

    /// <summary>Gives up one that was never started.</summary>
    internal void Return()
    {
        Release();
        Recycle();
    }

    /// <summary>Gives it to a carrier; what it answers is this operation as the source of a task.</summary>
    internal short Start(Carrier carrier, CancellationToken cancellation)
    {
        short token = _core.Version;
        bool isUnderWay = false;
        _carrier = carrier;
        _cancellation = cancellation;
        try
        {
            _engine!.Enter();
            isUnderWay = true;
            _handle?.DangerousAddRef(ref _holdsHandle);
        }
        catch (ObjectDisposedException)
        {
            if (isUnderWay)
            {
                _engine!.Leave();
            }

            _opened?.Dispose();
            Return();
            throw;
        }

        // Before the carrier has it: from then on it may be over, and somebody else's, at any moment.
        if (cancellation.CanBeCanceled)
        {
            _registration = cancellation.UnsafeRegister(
                static state => ((FileOperation)state!).RequestCancellation(), this);
        }

        carrier.Start(this);
        return token;
    }

    /// <summary>All its steps in this thread, and then its result to whoever waits.</summary>
    internal void RunHere()
    {
        while (!TryRun(SliceMs))
        {
        }
    }

    // False where it still waits for others: the end of a pipe has no bytes, or a FIFO no writer.
    private bool TryRun(int sliceMs)
    {
        while (!_isOver)
        {
            if (IsCancelled)
            {
                Finish(Cancelled());
            }
            else if (!WaitSlice(sliceMs))
            {
                return false;
            }
            else
            {
                Advance(Call());
            }
        }

        Deliver();
        return true;
    }

    /// <summary>The next step has an answer.</summary>
    /// <returns>Whether it was the last, so that the operation is over.</returns>
    internal bool Advance(KernelResult result)
    {
        if (!IsCancelled && (result.Failure == Failure.Interrupted || IsAbandoned(result)))
        {
            return false;
        }

        if (result.Failure == Failure.NotSeekable && !IsStream && _kind is OperationKind.Read or OperationKind.Write)
        {
            _offset = FileTransfer.CurrentPosition;
            return false;
        }

        if (!result.IsSuccess)
        {
            _refusal = result;
            return Finish(result.Failure is Failure.Cancelled or Failure.Interrupted && IsCancelled
                ? Cancelled()
                : null);
        }

        return _kind switch
        {
            OperationKind.Read => AdvanceRead(result.Value),
            OperationKind.Write => AdvanceWrite(result.Value),
            OperationKind.Open => AdvanceOpen(result.Value),
            _ => Finish(null),
        };
    }

    /// <summary>It is over. Its memory and its file are let go of.</summary>
    internal bool Finish(Exception? failure)
    {
        _failure = failure;
        _isOver = true;
        return true;
    }

    /// <summary>What a cancelled operation ends with.</summary>
    internal Exception Cancelled() => _cancellation.IsCancellationRequested
        ? new OperationCanceledException(_cancellation)
        : new ObjectDisposedException(nameof(FileEngine));

    /// <summary>In a thread of the pool: the calls themselves, or the result of those that io_uring made.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        if (_isOver)
        {
            Deliver();
            return;
        }

        // What waits for others gives way to those behind it, the quicker the more there are: else as many of them as
        // the pool has threads would keep it from everything, also from what they wait for.
        if (!TryRun(ThreadPool.PendingWorkItemCount > 0 ? ShortSliceMs : SliceMs))
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    // The kernel ties an entry to the thread that submitted it: when that thread ends, what is left to do for it ends
    // too, with ECANCELED or EFAULT, and with nothing transferred. Then another thread submits it once more. Memory
    // that is really not there is so the next time as well.
    private bool IsAbandoned(KernelResult result) => _carrier is RingCarrier
        && (result.Failure == Failure.Cancelled || (result.IsBadAddress && _faults++ < MostFaults));

    private bool AdvanceRead(long bytes)
    {
        _done += bytes;
        _offset += IsStream ? 0 : bytes;
        _memory.Advance(bytes);

        // io_uring takes a position for what has none, and says nothing: asked where it matters, after a short read.
        return (bytes == 0 || IsStream || _memory.IsDone
            || (_carrier is RingCarrier && !FileTransfer.IsSeekable(_handle!))) && Finish(null);
    }

    private bool AdvanceWrite(long bytes)
    {
        _done += bytes;
        _offset += IsStream ? 0 : bytes;
        _memory.Advance(bytes);

        // Nothing written, and no word why: to go on would be to go on for ever.
        return _memory.IsDone ? Finish(null)
            : bytes == 0 && Finish(new IOException($"{CallName()}: nothing was written, and nothing refused"));
    }

    private bool AdvanceOpen(long descriptor)
    {
        _opened ??= new SafeFileHandle((nint)descriptor, ownsHandle: true);
        return Finish(null);
    }

    private KernelResult Call() => _kind switch
    {
        OperationKind.Read => ReadHere(),
        OperationKind.Write => WriteHere(),
        OperationKind.Sync => FileState.Sync(_handle!),
        OperationKind.SyncData => FileState.SyncData(_handle!),
        _ => OpenHere(),
    };

    private KernelResult OpenHere()
    {
        ReadOnlySpan<byte> path = _path;
        if (_opened is not null)
        {
            // Its writer has come: see WaitSlice.
            FileOpen.ClearNonBlocking(_opened);
            return default;
        }

        if (IsOpenForReading)
        {
            KernelResult result = FileOpen.TryOpen(
                path, _openFlags | OpenFlags.NonBlocking, _permissions, out _opened);
            if (result.Failure != Failure.WouldBlock)
            {
                return result.IsSuccess && IsFifo(_opened!) ? KernelResult.Interrupted : Opened(result);
            }
        }
        else if ((_openFlags & OpenFlags.Write) != 0)
        {
            KernelResult result = FileOpen.TryOpen(
                path, _openFlags | OpenFlags.NonBlocking, _permissions, out _opened);
            _lacksReader = result.HasNoOtherEnd && IsFifo(path);
            if (result.Failure != Failure.WouldBlock)
            {
                return _lacksReader ? KernelResult.Interrupted : Opened(result);
            }
        }

        return FileOpen.TryOpen(path, _openFlags, _permissions, out _opened);
    }

    private KernelResult Opened(KernelResult result)
    {
        if (result.IsSuccess)
        {
            FileOpen.ClearNonBlocking(_opened!);
        }

        return result;
    }

    // Alone, and maybe made where it is not there: that waits for the writer of a FIFO as any other.
    private bool IsOpenForReading => (_openFlags & (OpenFlags.Write | OpenFlags.ReadWrite)) == 0;

    private static bool IsFifo(SafeFileHandle opened) =>
        Stat.TryGet(opened, out FileStatus status) == Failure.None && status.IsFifo;

    private static bool IsFifo(ReadOnlySpan<byte> path) =>
        Stat.TryGet(path, followLinks: true, out FileStatus status) == Failure.None && status.IsFifo;

    // What comes out of a pipe may take for ever, what goes into it too, and so may the open of a FIFO whose other end
    // is not open: open(2) itself could not be told to stop. Opened without waiting, one that is read has a writer, or
    // had one, when there is something to read or to hear; and one that is written to is refused as long as it has no
    // reader. All are waited for in slices: true when there is something, or nothing to wait for.
    private bool WaitSlice(int sliceMs) => _kind switch
    {
        OperationKind.Open => WaitOtherEnd(sliceMs),
        OperationKind.Read => !_waitsForOthers || FileWait.Readable(_handle!, sliceMs),
        OperationKind.Write => !_waitsForOthers || FileWait.Writable(_handle!, sliceMs),
        _ => true,
    };

    private bool WaitOtherEnd(int sliceMs)
    {
        if (_lacksReader)
        {
            // Tried again by the next slice.
            FileWait.Pause(sliceMs);
            _lacksReader = false;
            return false;
        }

        return _opened is null || !IsFifo(_opened)
            || Fifo.HasWriter(_opened) || FileWait.Readable(_opened, sliceMs);
    }

    private string CallName() => _kind switch
    {
        OperationKind.Read => "preadv2",
        OperationKind.Write => "pwritev2",
        OperationKind.Sync => "fsync",
        OperationKind.SyncData => "fdatasync",
        _ => "open",
    };

    private void RequestCancellation()
    {
        _isCancelled = true;
        _carrier!.Cancel(this);
    }

    /// <summary>
    /// Tells its result. In a thread of the pool, or that of the caller: never in the one of a ring, as it may wait for
    /// a cancellation that is being asked for, and whoever awaits goes on in here.
    /// </summary>
    internal void Deliver()
    {
        _registration.Dispose();
        Release();
        Exception? failure = _failure ?? (_refusal.IsSuccess ? null : _refusal.ToException(CallName(), _pathText));
        _engine!.Leave();
        if (failure is not null)
        {
            _opened?.Dispose();
            _core.SetException(failure);
        }
        else
        {
            _core.SetResult(_done);
        }
    }

    private void Release()
    {
        _memory.Clear();
        _again?.Dispose();
        _again = null;
        if (_holdsHandle)
        {
            _handle!.DangerousRelease();
            _holdsHandle = false;
        }

        _path = null;
    }

    private void Recycle()
    {
        _core.Reset();
        _engine = null;
        _carrier = null;
        _handle = null;
        _opened = null;
        _pathText = null;
        _failure = null;
        _refusal = default;
        _cancellation = default;
        _registration = default;
        _isCancelled = false;
        _isOver = false;
        _lacksReader = false;
        _waitsForOthers = false;
        _mayWait = false;
        _faults = 0;
        _done = 0;
        _use++;
        if (_cached is null)
        {
            _cached = this;
        }
        else if (Pool.Count < MostPooled)
        {
            Pool.Enqueue(this);
        }
    }
}
