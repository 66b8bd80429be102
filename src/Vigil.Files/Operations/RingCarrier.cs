using System.Diagnostics.CodeAnalysis;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.IO.Operations;

/// <summary>io_uring does it: one ring, submitted to by all threads, and one thread that takes what
/// completes.</summary>
/// <remarks>
/// Implementation notes. Who has something to submit puts it on a list without a lock; who then finds that nobody
/// submits does it, for all that is on the list by then. So no thread waits for another, and under load one
/// io_uring_enter(2) takes many entries. No thread of the kernel polls the queue (SQPOLL): it would burn a
/// processor for what is faster inline anyway.
/// <para>
/// A thread of the ring's own waits for completions as long as nobody else does, and runs nothing of the caller.
/// What it takes it gives to one thread of the pool, the worker, which tells all of it, one after the other. What
/// is started meanwhile in that thread is held back and submitted at once at the end; and as long as that goes
/// on, the worker takes completions itself. The thread of the ring only looks every millisecond whether the
/// worker has run dry since: if not, it is held up by what it runs, and the rest is not. See <see cref="Look"/>.
/// </para>
/// <para>
/// Completions are not deferred to the thread that waits (DEFER_TASKRUN): then only that thread could submit, and would
/// have to be woken for every entry.
/// </para>
/// <para>
/// Where the kernel takes no more for now (EAGAIN, EBUSY), what is left stays in order, and the next completion tries
/// again. Completions that do not fit into their queue are kept by the kernel (NODROP) and fetched by the next wait.
/// </para>
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "What it owns ends with its thread.")]
internal sealed unsafe partial class RingCarrier : Carrier
{
    private const ulong CancelMark = 1ul << 63;
    private const ulong StopMark = CancelMark + 1;
    private const int StackBytes = 256 << 10;
    private const int MostHeldBack = 64;

    private static readonly IoUringCode[] Needed =
    [
        IoUringCode.Nop, IoUringCode.Read, IoUringCode.Write, IoUringCode.ReadVector, IoUringCode.WriteVector,
        IoUringCode.Sync, IoUringCode.OpenAt, IoUringCode.AsyncCancel,
    ];

    private readonly IoUring _ring;
    private readonly RingSlots _slots = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RingNode? _arrived;
    private RingNode? _first;
    private RingNode? _last;
    private int _isSubmitting;
    private int _isStalled;
    private int _inKernel;
    private bool _isLeft;
    private bool _isStopping;
    private uint _lostCompletions;

    private RingCarrier(IoUring ring)
    {
        _ring = ring;
        _canWait = (ring.Features & IoUringFeatures.ExtendedArgument) != 0;

        // Unsafe: nothing of the caller who happens to be the first flows into it.
        new Thread(TakeCompletions, StackBytes) { IsBackground = true, Name = "vigil io_uring" }.UnsafeStart();
    }

    /// <summary>How many completions the kernel could not keep: none, as it has to be able to.</summary>
    internal uint LostCompletions => _stopped.Task.IsCompleted ? _lostCompletions : _ring.LostCompletions;

    /// <summary>Makes a ring.</summary>
    /// <param name="entries">The size of the submission queue.</param>
    /// <param name="completions">The size of the completion queue.</param>
    /// <param name="refusal">What the kernel refused it with.</param>
    /// <param name="lack">What the kernel's io_uring lacks.</param>
    internal static RingCarrier? TryCreate(
        int entries, int completions, out KernelResult refusal, out string? lack)
    {
        // What newer kernels add is left out where it is not known.
        const IoUringSetup Basic = IoUringSetup.CompletionSize | IoUringSetup.Clamp;
        lack = null;
        refusal = IoUring.TryCreate(entries, completions, Basic | IoUringSetup.SubmitAll, out IoUring? ring);
        if (refusal.Failure == Failure.Invalid)
        {
            refusal = IoUring.TryCreate(entries, completions, Basic, out ring);
        }

        if (ring is null)
        {
            return null;
        }

        const IoUringFeatures Features =
            IoUringFeatures.NoDrop | IoUringFeatures.SubmitStable | IoUringFeatures.CurrentPosition;
        IoUringCode[] missing = [.. Needed.Where(code => !ring.Supports(code))];
        lack = missing.Length > 0 ? $"the io_uring of this kernel has no {string.Join(", ", missing)}"
            : (ring.Features & Features) != Features
                ? $"the io_uring of this kernel has only {ring.Features & Features}"
            : null;
        if (lack is not null)
        {
            ring.Dispose();
            return null;
        }

        return new RingCarrier(ring);
    }

    /// <inheritdoc/>
    internal override void Start(FileOperation operation)
    {
        if (operation.FitsRing)
        {
            // SYNC POINT: held; on the list before it is looked whether the worker still is the one to submit it.
            Add(operation);
            if (RingWorker.OfThread is not { } worker || Volatile.Read(ref _worker) != worker
                || worker.HoldBack() == MostHeldBack)
            {
                Submit();
            }
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(operation, preferLocal: false);
        }
    }

    /// <inheritdoc/>
    internal override void Cancel(FileOperation operation)
    {
        Add(new CancelRequest(operation));
        Submit();
    }

    /// <summary>Asks for everything in the ring to be given up.</summary>
    internal void CancelAll()
    {
        foreach (FileOperation operation in _slots.All)
        {
            Add(new CancelRequest(operation));
        }

        Submit();
    }

    /// <summary>Ends it, when nothing is under way any more.</summary>
    internal Task StopAsync()
    {
        if (!_isStopping)
        {
            _isStopping = true;
            Add(new StopRequest());
            Submit();
        }

        return _stopped.Task;
    }

    private void Add(RingNode node)
    {
        RingNode? first;
        do
        {
            first = Volatile.Read(ref _arrived);
            node.Next = first;
        }
        while (Interlocked.CompareExchange(ref _arrived, node, first) != first); // SYNC POINT: arrived
    }

    // Either this thread submits what has arrived, or another does, which looks once more before it leaves.
    private void Submit()
    {
        while (Volatile.Read(ref _arrived) is not null
            || (Volatile.Read(ref _isLeft) && Volatile.Read(ref _isStalled) == 0))
        {
            if (Interlocked.CompareExchange(ref _isSubmitting, 1, 0) != 0)
            {
                return;
            }

            Volatile.Write(ref _isLeft, !TrySubmit());
            Interlocked.Exchange(ref _isSubmitting, 0);
        }
    }

    // False where something is left, on the list or in the queue.
    private bool TrySubmit()
    {
        // SYNC POINT: arrived; the list is the newest first, and is turned round.
        RingNode? node = Interlocked.Exchange(ref _arrived, null);
        RingNode? ordered = null;
        RingNode? last = node;
        while (node is not null)
        {
            (node.Next, ordered, node) = (ordered, node, node.Next);
        }

        if (ordered is not null)
        {
            _ = _first is null ? _first = ordered : _last!.Next = ordered;
            _last = last;
        }

        while (_first is not null)
        {
            IoUringEntry* entry = _ring.TryNext();
            if (entry is null)
            {
                if (!Enter())
                {
                    return false;
                }

                continue;
            }

            RingNode next = _first;
            _first = next.Next;
            next.Next = null;
            Fill(next, entry);
        }

        return Enter();
    }

    // False where the kernel takes no more until something has completed.
    private bool Enter()
    {
        while (_ring.Unsubmitted > 0)
        {
            KernelResult result = _ring.Submit(waitFor: 0);
            if (result.IsSuccess)
            {
                Interlocked.Add(ref _inKernel, (int)result.Value);
                continue;
            }

            // SYNC POINT: stalled; said before it is looked whether a completion will come to hear it.
            Interlocked.Exchange(ref _isStalled, 1);
            if (result.Failure != Failure.Interrupted && Volatile.Read(ref _inKernel) > 0)
            {
                return false;
            }

            Interlocked.Exchange(ref _isStalled, 0);
            _ = Thread.Yield();
        }

        return true;
    }

    // An entry that turns out not to be needed does nothing, and completes as a cancellation does.
    private void Fill(RingNode node, IoUringEntry* entry)
    {
        entry->UserData = CancelMark;
        switch (node)
        {
            case FileOperation operation:
                FillOperation(operation, entry);
                break;
            case CancelRequest { Key: not 0 and ulong key }:
                entry->Code = IoUringCode.AsyncCancel;
                entry->Descriptor = -1;
                entry->Address = key;
                break;
            default:
                entry->Code = IoUringCode.Nop;
                entry->UserData = node is StopRequest ? StopMark : CancelMark;
                break;
        }
    }

    private void FillOperation(FileOperation operation, IoUringEntry* entry)
    {
        operation.RingKey = operation.RingKey == 0 ? _slots.Take(operation) : operation.RingKey;

        // SYNC POINT: cancelled; it can be found among all before it is looked whether all were to be cancelled.
        Interlocked.MemoryBarrier();
        if (operation.IsCancelled)
        {
            entry->Code = IoUringCode.Nop;
            operation.Finish(operation.Cancelled());
            Leave(operation);
            ThreadPool.UnsafeQueueUserWorkItem(operation, preferLocal: false);
            return;
        }

        operation.Fill(ref *entry);
        entry->UserData = operation.RingKey;
    }

    private void Leave(FileOperation operation)
    {
        _slots.Return(operation.RingKey);
        operation.RingKey = 0;
    }
}
