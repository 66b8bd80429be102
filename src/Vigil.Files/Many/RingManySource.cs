using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vigil.IO.Operations;
using Vigil.IO.Whole;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.IO.Many;

/// <summary>
/// Files that are read by a ring of their own, and one thread that does nothing but feed it: open, read, look for the
/// end and close are four entries that follow one another in the kernel, for many files at a time.
/// </summary>
/// <remarks>
/// Implementation notes. The open goes into the ring's own table of files, so that the read can name the file before it
/// is open; such a file has no descriptor that another program could inherit. An open that is refused is the only
/// completion of its file. A read that is shorter than asked, as every read here should be, ends a chain: so what comes
/// after it hangs on by a hard link. A place is free when its close has completed, and not before: else the close could
/// hit the next file. One thread submits and waits, so what completes is worked on when it waits (DEFER_TASKRUN).
/// <para>
/// What does not come whole and at once is read again from the start, by a thread of the pool: a file that is larger
/// than the first read, one of /proc that comes in pieces, and what has no bytes at all, which may be a FIFO whose
/// writer is still to come.
/// </para>
/// <para>
/// A kernel without memory takes fewer entries than it is given, maybe from the middle of a chain. What it has not
/// taken is then made to do nothing; the place is never used again, as the open that has begun may end late, when the
/// next file would be there; and the file is read by a thread.
/// </para>
/// </remarks>
internal sealed unsafe class RingManySource : ManySource
{
    private const int FirstBytes = 16 << 10;
    private const int EntriesAFile = 4;
    private const int PauseMicroseconds = 10_000;
    private const int StackBytes = 256 << 10;
    private const int CurrentDirectory = -100;
    private const int StepBits = 2;
    private const ulong WakeMark = 1ul << 62;
    private const ulong CancelMark = WakeMark + 1;
    private const uint POLLIN = 1;
    private const uint IORING_ASYNC_CANCEL_ALL = 1;
    private const uint IORING_ASYNC_CANCEL_ANY = 4;

    // What the kernel may still write to, where a ring was refused for good in the middle of its work.
    private static readonly ConcurrentBag<RingManySlot?[]> Abandoned = [];

    private readonly FileEngine _engine;
    private readonly InlineCarrier _carrier;
    private readonly int _maxBytes;
    private readonly int _readBytes;
    private readonly IoUring _ring;
    private readonly EventFd _wake;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _end = new();
    private readonly int _mostSubmitted;
    private readonly RingManySlot?[] _slots;
    private readonly Stack<RingManySlot> _free = new();
    private readonly List<FileContent> _done = [];
    private Queue<string> _added = new();
    private Queue<string> _paths = new();
    private bool _isStarving;
    private bool _isDisposed;
    private bool _isEnding;
    private bool _isOver;
    private bool _awaitsWake = true;
    private int _made;
    private int _retired;
    private int _underWay;

    private RingManySource(
        FileEngine engine, InlineCarrier carrier, ReadManyOptions options, int places, IoUring ring, EventFd wake)
    {
        _engine = engine;
        _carrier = carrier;
        _ring = ring;
        _wake = wake;
        _maxBytes = options.MaxBytes;
        _readBytes = (int)Math.Min(FirstBytes, (long)options.MaxBytes + 1);
        _mostSubmitted = options.MostSubmitted;
        _slots = new RingManySlot?[places];
        new Thread(Run, StackBytes) { IsBackground = true, Name = "vigil files" }.Start();
    }

    private enum Step
    {
        Open,
        Read,
        Probe,
        Close,
    }

    /// <summary>Makes one, or null where this kernel's io_uring is too old for it.</summary>
    /// <exception cref="VigilException">There is no descriptor left.</exception>
    internal static RingManySource? TryCreate(FileEngine engine, InlineCarrier carrier, ReadManyOptions options)
    {
        const IoUringSetup Basic = IoUringSetup.Clamp | IoUringSetup.Disabled;
        const IoUringSetup Newest =
            Basic | IoUringSetup.SubmitAll | IoUringSetup.SingleIssuer | IoUringSetup.DeferTasks;
        int entries = options.InFlight * EntriesAFile;
        KernelResult result = IoUring.TryCreate(entries, 0, Newest, out IoUring? ring);
        if (result.Failure == Failure.Invalid)
        {
            result = IoUring.TryCreate(entries, 0, Basic, out ring);
        }

        const IoUringFeatures Needed =
            IoUringFeatures.NoDrop | IoUringFeatures.ExtendedArgument | IoUringFeatures.SkipSuccess;
        int places = options.InFlight;
        string call = "io_uring_setup";
        if (ring is not null && (ring.Features & Needed) == Needed)
        {
            // The table is no larger than RLIMIT_NOFILE allows, however few descriptors are in use.
            call = "io_uring_register";
            while ((result = ring.RegisterFiles(places)).Failure == Failure.TooManyOpen && places > 1)
            {
                places /= 2;
            }
        }

        if (ring is null || (ring.Features & Needed) != Needed || !result.IsSuccess)
        {
            ring?.Dispose();
            return result.Failure is Failure.TooManyOpen or Failure.OutOfMemory
                ? throw result.ToException(call)
                : null;
        }

        try
        {
            return new RingManySource(engine, carrier, options, places, ring, EventFd.Create());
        }
        catch (VigilException)
        {
            ring.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    internal override void Add(string path)
    {
        lock (_gate)
        {
            _added.Enqueue(path);
        }
    }

    /// <inheritdoc/>
    internal override void Start() => Wake(isEnd: false);

    /// <inheritdoc/>
    public override void Dispose() => Wake(isEnd: true);

    private void Wake(bool isEnd)
    {
        lock (_gate)
        {
            if (isEnd && !_isDisposed)
            {
                _isDisposed = true;
                _end.Cancel();
            }
            else if (!_isStarving || _added.Count == 0)
            {
                return;
            }

            // Under the lock: the thread disposes of it under the same.
            _isStarving = false;
            if (!_isOver)
            {
                _wake.Signal();
            }
        }
    }

    private void Run()
    {
        KernelResult result = _ring.Enable();
        while (result.IsSuccess || Passes(result))
        {
            bool hasAll = Fill();
            if (_isEnding && _underWay == 0)
            {
                break;
            }

            // What is refused for now is tried again after a moment, or when something has completed.
            result = Submit(waitFor: hasAll ? 1 : 0);
            if (_isEnding || !result.IsSuccess)
            {
                _ = _ring.Wait(count: 1, PauseMicroseconds);
            }

            while (_ring.TryTake(out IoUringCompletion completion))
            {
                Take(completion);
            }

            if (_done.Count > 0)
            {
                Bring(CollectionsMarshal.AsSpan(_done));
                _done.Clear();
            }
        }

        lock (_gate)
        {
            _isOver = true;
            _wake.Dispose();
        }

        if (_underWay > 0)
        {
            Abandoned.Add(_slots);
        }

        _ring.Dispose();
        if (!_isEnding)
        {
            Fail(result.ToException("io_uring_enter"));
        }
    }

    private static bool Passes(KernelResult result) => result.IsBusy
        || result.Failure is Failure.Interrupted or Failure.WouldBlock or Failure.OutOfMemory;

    // As many as there is room for. Whether that is all that is to be done by now.
    private bool Fill()
    {
        if (_awaitsWake && HasRoom(1))
        {
            AwaitWake();
        }

        while (HasRoom(EntriesAFile) && Next() is { } path)
        {
            Begin(path);
        }

        if (Volatile.Read(ref _isDisposed))
        {
            if (HasRoom(1))
            {
                End();
            }

            return false;
        }

        return !_awaitsWake && (HasRoom(EntriesAFile) || IsFull);
    }

    private bool IsFull => _free.Count == 0 && _made == _slots.Length && _retired < _slots.Length;

    private bool HasRoom(int count) => _ring.SubmissionCapacity - _ring.Unsubmitted >= count;

    private KernelResult Submit(int waitFor)
    {
        KernelResult result = _ring.Submit(_mostSubmitted, _ring.Unsubmitted > _mostSubmitted ? 0 : waitFor);
        IoUringEntry* next = _ring.TryPeek(0);
        if (next is not null && next->UserData < WakeMark && StepOf(next->UserData) is > Step.Open and Step step)
        {
            Cut(_slots[(int)(next->UserData >> StepBits)]!, step);
        }

        return result;
    }

    // The kernel has taken the beginning of a chain, and will begin with the rest as if it were another.
    private void Cut(RingManySlot slot, Step step)
    {
        for (int i = 0; i <= Step.Close - step; i++)
        {
            IoUringEntry* entry = _ring.TryPeek(i);
            *entry = default;
            entry->Code = IoUringCode.Nop;
            entry->Flags = IoUringEntryFlags.SkipSuccess;
            entry->UserData = CancelMark;
        }

        slot.Cut = (int)step;
        if (step == Step.Read)
        {
            // Of an open that has gone well nothing is told; and it needs nothing of the place any more.
            Retire(slot);
        }
    }

    private void Retire(RingManySlot slot)
    {
        if (!slot.IsRetired)
        {
            slot.IsRetired = true;
            _retired++;
            _underWay--;
            ReadAgain(slot.Path, HasTaken(slot));
        }
    }

    // The next path to begin with, if there is one and a place for it.
    private string? Next()
    {
        if (IsFull || Volatile.Read(ref _isDisposed))
        {
            return null;
        }

        if (_paths.TryDequeue(out string? path))
        {
            return path;
        }

        lock (_gate)
        {
            (_paths, _added) = (_added, _paths);
            _isStarving = _paths.Count == 0;
        }

        return _paths.TryDequeue(out path) ? path : null;
    }

    // What is under way is on a disk and ends by itself; what waits for the writer of a FIFO is cancelled.
    private void End()
    {
        _isEnding = true;

        // Again and again: what a cancelled entry held back begins when that has ended.
        if (_underWay > 0)
        {
            IoUringEntry* cancel = Entry();
            cancel->Code = IoUringCode.AsyncCancel;
            cancel->Descriptor = -1;
            cancel->OperationFlags = IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_ANY;
            cancel->Flags = IoUringEntryFlags.SkipSuccess;
            cancel->UserData = CancelMark;
        }
    }

    private void AwaitWake()
    {
        _awaitsWake = false;
        IoUringEntry* wake = Entry();
        wake->Code = IoUringCode.PollAdd;
        wake->Descriptor = (int)_wake.DangerousGetHandle();
        wake->OperationFlags = POLLIN;
        wake->UserData = WakeMark;
    }

    // Whoever asks has looked whether there is room.
    private IoUringEntry* Entry() => _ring.TryNext();

    private void Begin(string path)
    {
        if (_retired == _slots.Length)
        {
            ReadAgain(path, hasTaken: false);
            return;
        }

        if (!_free.TryPop(out RingManySlot? slot))
        {
            slot = new RingManySlot(_made, _readBytes);
            _slots[_made++] = slot;
        }

        slot.Take(path);
        _underWay++;
        uint place = (uint)slot.Index + 1;
        IoUringEntry* open = Entry(slot, Step.Open, IoUringCode.OpenAt);
        open->Descriptor = CurrentDirectory;
        open->Flags = IoUringEntryFlags.Link | IoUringEntryFlags.SkipSuccess;
        open->Address = (ulong)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(slot.PathBytes));

        // What the kernel cannot open at once is opened by a thread of its own, of which there are few: none is to wait
        // for the writer of a FIFO.
        open->OperationFlags = (uint)OpenFlags.NonBlocking;
        open->FileIndex = place;

        ulong buffer = (ulong)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(slot.Buffer));
        FillRead(Entry(slot, Step.Read, IoUringCode.Read), slot.Index, buffer, (uint)_readBytes);
        FillRead(Entry(slot, Step.Probe, IoUringCode.Read), slot.Index, buffer + (uint)_readBytes, 1);

        IoUringEntry* close = Entry(slot, Step.Close, IoUringCode.Close);
        close->FileIndex = place;
    }

    // From where the file stands: the second read goes on where the first has ended.
    private static void FillRead(IoUringEntry* read, int index, ulong address, uint length)
    {
        read->Descriptor = index;
        read->Flags = IoUringEntryFlags.FixedFile | IoUringEntryFlags.HardLink;
        read->Offset = ulong.MaxValue;
        read->Address = address;
        read->Length = length;
    }

    private IoUringEntry* Entry(RingManySlot slot, Step step, IoUringCode code)
    {
        IoUringEntry* entry = Entry();
        entry->Code = code;
        entry->UserData = ((ulong)slot.Index << StepBits) | (ulong)step;
        return entry;
    }

    private static Step StepOf(ulong userData) => (Step)(userData & ((1 << StepBits) - 1));

    private void Take(in IoUringCompletion completion)
    {
        if (completion.UserData >= WakeMark)
        {
            if (completion.UserData == WakeMark)
            {
                _wake.Drain();
                _awaitsWake = !_isEnding;
            }

            return;
        }

        RingManySlot slot = _slots[(int)(completion.UserData >> StepBits)]!;
        KernelResult result = new(completion.Result);
        Step step = StepOf(completion.UserData);
        if (step == Step.Read)
        {
            slot.Read = result;
        }

        if (slot.Cut > 0)
        {
            // Its last completion, of those that it has: a refused open is the only one.
            if (step == Step.Open || (int)step == slot.Cut - 1)
            {
                Retire(slot);
            }

            return;
        }

        switch (step)
        {
            case Step.Read:
                break;
            case Step.Probe:
                slot.Probe = result;
                break;
            case Step.Open:
                Finish(slot, result);
                break;
            default:
                Finish(slot, default);
                break;
        }
    }

    // Of what has no start to be read from again: bytes, or the word of a writer that its FIFO has a reader.
    private static bool HasTaken(RingManySlot slot) =>
        slot.Read.Value > 0 || slot.Read.Failure == Failure.WouldBlock;

    private void Finish(RingManySlot slot, KernelResult opened)
    {
        _underWay--;
        _free.Push(slot);
        if (opened.Failure == Failure.WouldBlock)
        {
            // A lease, which is broken in its time: fcntl(2).
            ReadAgain(slot.Path, hasTaken: false);
        }
        else if (!opened.IsSuccess)
        {
            _done.Add(new FileContent(slot.Path, opened.ToException("open", slot.Path)));
        }
        else if (slot.Read.Value > 0 && slot.Read.Value <= _maxBytes && slot.Probe.Value == 0)
        {
            _done.Add(new FileContent(slot.Path, slot.Buffer.AsSpan(0, (int)slot.Read.Value).ToArray()));
        }
        else
        {
            ReadAgain(slot.Path, HasTaken(slot));
        }
    }

    // What has no start to be read from again has lost what was taken out of it, and that is an error.
    private static FileContent Again(WholeContext context, int maxBytes, bool hasTaken) =>
        hasTaken && Stat.TryGet(PathText.ToTerminated(context.Path), followLinks: true, out FileStatus status)
            == Failure.None && status.Type is not (EntryType.File or EntryType.Directory)
            ? new FileContent(context.Path, new IOException(
                $"{context.Path}: it is a FIFO or a device, which is not read whole among many files; "
                    + "read it by itself (ReadAllBytesAsync)"))
            : WholeReader.ReadOne(context, maxBytes);

    private void ReadAgain(string path, bool hasTaken)
    {
        if (_isEnding)
        {
            return;
        }

        var context = new WholeContext(_engine, _carrier, path, _end.Token);
        ThreadPool.UnsafeQueueUserWorkItem(
            static work =>
            {
                try
                {
                    work.Source.Bring([Again(work.Context, work.MaxBytes, work.HasTaken)]);
                }
                catch (OperationCanceledException)
                {
                    // Nobody wants it any more.
                }
            },
            (Source: this, Context: context, MaxBytes: _maxBytes, HasTaken: hasTaken),
            preferLocal: false);
    }
}
