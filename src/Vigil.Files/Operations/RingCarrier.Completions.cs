using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.IO.Operations;

/// <content>What has completed, and who is told of it.</content>
internal sealed unsafe partial class RingCarrier
{
    private const int TickMs = 1;
    private const int TicksUntilSpare = 100;
    private const int MostSpares = 16;
    private const int WaitMicroseconds = 900;

    private readonly RingResults _results = new();
    private readonly AutoResetEvent _handedBack = new(false);
    private readonly bool _canWait;

    // Who takes completions and submits what is held back; null where the thread of the ring does.
    private RingWorker? _worker;
    private int _isTaking;
    private int _told;
    private int _spares;
    private bool _isStopped;
    private ExecutionContext? _plainContext;

    // Only the thread of the ring has these.
    private RingWorker? _rested;
    private RingWorker? _lookedAt;
    private int _lastDry;
    private int _lastTold;
    private int _ticks;

    /// <summary>How many times completions did not fit into their queue.</summary>
    internal int Overflows { get; private set; }

    /// <summary>In a thread of the pool: tells results, as long as there are some.</summary>
    internal void Work(RingWorker worker)
    {
        while (true)
        {
            TellResults(worker);
            if (Volatile.Read(ref _worker) != worker)
            {
                // It was held up: another goes on.
                return;
            }

            worker.LetGo();
            Submit();
            if (TryTake() || !_results.IsEmpty)
            {
                continue;
            }

            worker.RunDry();
            if (!TryWait(worker) || (!TryTake() && _results.IsEmpty))
            {
                break;
            }
        }

        if (Interlocked.CompareExchange(ref _worker, null, worker) == worker)
        {
            _handedBack.Set();
        }
    }

    // Until there are no more, or this worker has been replaced and others wait for its thread.
    private void TellResults(RingWorker worker)
    {
        while (_results.TryTake() is { } operation)
        {
            operation.Deliver();
            Volatile.Write(ref _told, _told + 1);

            // What one continuation leaves behind in the thread is not for the next one to find.
            ExecutionContext.Restore(_plainContext!);
            if (SynchronizationContext.Current is not null)
            {
                SynchronizationContext.SetSynchronizationContext(null);
            }

            // SYNC POINT: handed; what is left is the other one's, or the ring's once that has handed back.
            RingWorker? now = Volatile.Read(ref _worker);
            if (now != worker && now is not null && ThreadPool.PendingWorkItemCount > 0)
            {
                return;
            }
        }
    }

    // A moment in the kernel, where nobody else wants the thread: it is over with the next completion, which costs less
    // here than in another thread that wakes this one.
    private bool TryWait(RingWorker worker)
    {
        if (!_canWait || Volatile.Read(ref _isStopped) || Volatile.Read(ref _inKernel) <= 0
            || ThreadPool.PendingWorkItemCount > 0)
        {
            return false;
        }

        try
        {
            _ = _ring.Wait(count: 1, WaitMicroseconds);
            worker.RunDry();
            return true;
        }
        catch (ObjectDisposedException)
        {
            // It was replaced at this moment, and the ring has come to its end.
            return false;
        }
    }

    private void TakeCompletions()
    {
        _plainContext = ExecutionContext.Capture();
        while (true)
        {
            if (Volatile.Read(ref _worker) is not null)
            {
                if (!_handedBack.WaitOne(TickMs))
                {
                    Look();
                }

                continue;
            }

            if (Volatile.Read(ref _isStopped))
            {
                break;
            }

            // SYNC POINT: handed; one that was replaced may have left results, or still take some and tell them.
            if (_results.IsEmpty && !_ring.HasOverflow && !_ring.HasCompletion)
            {
                // A signal (EINTR) is as good as a completion here: what is there is taken.
                _ = _ring.Wait(count: 1);
            }

            _ = TryTake();
            StartWorker(isSpare: false);
        }

        Dispose();
    }

    // A worker that has not run dry since the last look is held up: by a continuation that computes or waits, maybe for
    // what is held back by itself, or by too many of them. What it holds back is submitted, and another one tells what
    // is left, until this one has no more to do. A worker that the pool has not begun with for long, while nobody else
    // tells anything, gets a thread of its own: all threads of the pool may wait for what it has to tell.
    private void Look()
    {
        if (Volatile.Read(ref _worker) is not { } worker)
        {
            return;
        }

        bool isStarted = worker.IsStarted;
        if (isStarted ? !IsHeldUp(worker) : !IsForgotten())
        {
            return;
        }

        if (Interlocked.CompareExchange(ref _worker, null, worker) == worker)
        {
            // SYNC POINT: held
            _rested = null;
            Submit();
            _ = TryTake();
            StartWorker(isSpare: !isStarted);
        }
    }

    private bool IsHeldUp(RingWorker worker)
    {
        int dry = worker.TimesDry;
        bool isSame = worker == _lookedAt && dry == _lastDry;
        (_lookedAt, _lastDry) = (worker, dry);
        return isSame;
    }

    private bool IsForgotten()
    {
        _ = TryTake();
        int told = Volatile.Read(ref _told);
        _ticks = told == _lastTold ? _ticks + 1 : 0;
        _lastTold = told;
        if (_ticks < TicksUntilSpare || Volatile.Read(ref _spares) >= MostSpares)
        {
            return false;
        }

        _ticks = 0;
        return true;
    }

    private void StartWorker(bool isSpare)
    {
        if (_results.IsEmpty)
        {
            return;
        }

        RingWorker worker = _rested ??= new RingWorker(this);
        worker.Reset();
        _ticks = 0;
        Volatile.Write(ref _worker, worker);
        if (!isSpare)
        {
            ThreadPool.UnsafeQueueUserWorkItem(worker, preferLocal: false);
            return;
        }

        Interlocked.Increment(ref _spares);
        new Thread(() =>
        {
            worker.Execute();
            Interlocked.Decrement(ref _spares);
        })
        {
            IsBackground = true,
            Name = "vigil files",
        }.UnsafeStart();
    }

    // Takes all that has completed, unless another thread is at it. Whether there was something.
    private bool TryTake()
    {
        if (Interlocked.CompareExchange(ref _isTaking, 1, 0) != 0)
        {
            return false;
        }

        if (_ring.HasOverflow)
        {
            Overflows++;
            _ = _ring.Wait(count: 0);
        }

        int count = 0;
        while (_ring.TryTake(out IoUringCompletion completion))
        {
            count++;
            if (completion.UserData == StopMark)
            {
                Volatile.Write(ref _isStopped, true);
            }
            else if (completion.UserData != CancelMark)
            {
                Take(completion);
            }
        }

        Volatile.Write(ref _isTaking, 0);
        if (count == 0)
        {
            return false;
        }

        Interlocked.Add(ref _inKernel, -count);

        // SYNC POINT: stalled
        if (Interlocked.Exchange(ref _isStalled, 0) != 0 || Volatile.Read(ref _arrived) is not null)
        {
            Submit();
        }

        return true;
    }

    private void Take(in IoUringCompletion completion)
    {
        FileOperation operation = _slots.Of(completion.UserData);
        if (operation.AdvanceInRing(new KernelResult(completion.Result)))
        {
            Leave(operation);
            _results.Add(operation);
        }
        else if (operation.FitsRing)
        {
            Add(operation);
        }
        else
        {
            Leave(operation);
            ThreadPool.UnsafeQueueUserWorkItem(operation, preferLocal: false);
        }
    }

    // Who submitted the end, or was replaced a moment ago, may still be at it; nobody else comes after.
    private void Dispose()
    {
        while (Interlocked.CompareExchange(ref _isSubmitting, 1, 0) != 0)
        {
            _ = Thread.Yield();
        }

        while (Interlocked.CompareExchange(ref _isTaking, 1, 0) != 0)
        {
            _ = Thread.Yield();
        }

        _lostCompletions = _ring.LostCompletions;
        _ring.Dispose();
        _stopped.SetResult();
    }
}
