using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <summary>
/// Watches single paths: one inotify instance and one thread for each <see cref="FileWatcher{TTag}"/>. The thread reads
/// events, looks at the disk where events do not say enough, and fills the channel.
/// </summary>
/// <remarks>
/// Implementation notes; docs/internals/file-watching.md has the whole story.
/// (1) The events of a name in a watched directory are applied as a log, in order. (2) What leads to a name (the
/// directories above, symbolic links) is watched, too; an event there has the way looked at again (Ways), and where it
/// leads elsewhere, each file is compared with what was told of it (Files). (3) A watch is set before the look that it
/// is to cover, and the look is repeated until it finds the same twice. (4) After lost events everything is looked at.
/// (5) Everything is under the gate but the waiting: for the kernel, and for room in the channel. The kernel is only
/// read, on whichever thread, under the gate; what was read is applied before the gate is let go.
/// </remarks>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "The thread disposes what it used when it ends.")]
internal sealed partial class FileWatchEngine
{
    // Small on purpose: what one read brings waits in memory when the channel is full, the rest in the kernel.
    private const int BufferBytes = 4096;
    private const int MaxLossMs = 250;
    private const int MinRescanDelayMs = 50;
    private const int MaxRescanDelayMs = 1000;

    private readonly IFileEventSink _sink;
    private readonly FileEventKinds _kinds;
    private readonly int _pollMs;
    private readonly InotifyMask _contentMask;
    private readonly InotifyHandle _inotify;
    private readonly EventFd _wake;
    private readonly MountInfo? _mounts;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;

    // How many bytes of events were applied since the instance was opened.
    private long _position;
    private bool _isLost;
    private bool _isMakingUp;
    private bool _isRemounted;
    private long _lostAt;
    private long _remountedAt;
    private long _rescanNotBefore;
    private long _lastRescanAt;
    private int _rescanDelayMs;

    internal FileWatchEngine(IFileEventSink sink, FileWatcherOptions options)
    {
        _sink = sink;
        _kinds = options.Kinds;
        _pollMs = (int)Math.Clamp(options.PollInterval.TotalMilliseconds, 1, int.MaxValue);
        _contentMask = MaskFor(options.Kinds);
        _inotify = InotifyHandle.Open();
        try
        {
            _wake = EventFd.Create();
            _mounts = MountInfo.TryOpen();
            // The first poll answers for the mounts as they are now.
            _ = Poll.Wait(_wake, null, _mounts, 0);
            _thread = WatchThread.Start(Run, "vigil filewatch");
        }
        catch
        {
            // Instances and descriptors are few: they must not stay until the collector finds them.
            _inotify.Dispose();
            _wake?.Dispose();
            _mounts?.Dispose();
            throw;
        }
    }

    /// <summary>Guards everything here, and the table of who owns it.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>Whether it was stopped. Under the gate: then it stays so or not until that is let go.</summary>
    internal bool IsStopped => _stop.IsCancellationRequested;

    /// <summary>Ends when the thread has ended and the descriptors are closed.</summary>
    internal Task Ended => _ended.Task;

    /// <summary>Stops the thread. May be called more than once, from any thread.</summary>
    internal void Stop()
    {
        lock (Gate)
        {
            if (IsStopped)
            {
                return;
            }

            // Also under the gate, as the thread closes what is signalled here.
            _stop.Cancel();
            _wake.Signal();
        }
    }

    /// <summary>Waits until the thread has ended.</summary>
    internal void Join() => _thread.Join();

    /// <summary>Has the thread send what was told by another one. Under the gate.</summary>
    internal void WakeIfTold()
    {
        if (!_sink.IsIdle)
        {
            WakeThread();
        }
    }

    // It has a new time to wake up at, or something to send.
    private void WakeThread()
    {
        if (Thread.CurrentThread != _thread)
        {
            _wake.Signal();
        }
    }

    private static InotifyMask MaskFor(FileEventKinds kinds)
    {
        InotifyMask mask = InotifyMask.Create | InotifyMask.Delete | InotifyMask.Move | InotifyMask.ExclUnlink;
        ReadOnlySpan<(FileEventKinds Kind, InotifyMask Bit)> optional =
        [
            (FileEventKinds.CloseWrite, InotifyMask.CloseWrite),
            (FileEventKinds.Modify, InotifyMask.Modify),
            (FileEventKinds.Attributes, InotifyMask.Attrib),
            (FileEventKinds.Open, InotifyMask.Open),
            (FileEventKinds.Access, InotifyMask.Access),
            (FileEventKinds.CloseNoWrite, InotifyMask.CloseNoWrite),
        ];
        foreach ((FileEventKinds kind, InotifyMask bit) in optional)
        {
            mask |= (kinds & kind) != 0 ? bit : InotifyMask.None;
        }

        return mask;
    }

    private void Run()
    {
        Exception? failure = null;
        var pace = new ReadPace();
        try
        {
            while (!IsStopped)
            {
                _sink.Flush(Gate, _stop.Token);
                PollReady ready = Poll.Wait(_inotify, _wake, _mounts, NextDelayMs());
                if (pace.IsStream() && ready == PollReady.First
                    && Poll.Wait(_wake, null, null, ReadPace.GatherMs) == PollReady.First)
                {
                    ready |= PollReady.Second;
                }

                lock (Gate)
                {
                    pace.Add(Work(ready));
                }
            }
        }
        catch (OperationCanceledException) when (IsStopped)
        {
            // Disposed while it waited for its reader.
        }
        catch (Exception e)
        {
            failure = e;
        }
        finally
        {
            End(failure);
        }
    }

    private void End(Exception? failure)
    {
        lock (Gate)
        {
            _stop.Cancel();
            _inotify.Dispose();
            _wake.Dispose();
            _mounts?.Dispose();
        }

        _sink.Complete(failure);
        _ended.SetResult();
    }

    private int Work(PollReady ready)
    {
        if (IsStopped)
        {
            return 0;
        }

        if ((ready & PollReady.Second) != 0)
        {
            _wake.Drain();
        }

        if ((ready & PollReady.Priority) != 0 && !_isRemounted)
        {
            _isRemounted = true;
            _remountedAt = Environment.TickCount64;
        }

        int bytes = ReadOnce(out bool isEmpty);
        LookIfRemounted(isEmpty);
        RescanIfLost(isEmpty);
        LookAtDueWays();
        TellQuiet();
        ReadTouched();
        AssertInvariants();
        return bytes;
    }

    /// <summary>
    /// Applies what is queued now, so that a file that is added next has no events from before; not more of it than the
    /// reader has room for, nor what a storm adds meanwhile.
    /// </summary>
    /// <returns>
    /// Where in the stream of events the first one is that comes from after this call: what is left of the queue before
    /// it is older than the file that is added.
    /// </returns>
    private long CatchUp()
    {
        long end = _position + _inotify.AvailableBytes();
        bool isEmpty = false;
        while (_position < end && !isEmpty && !_sink.IsBehind)
        {
            _ = ReadOnce(out isEmpty);
            ReadTouched();
        }

        return end;
    }

    private int ReadOnce(out bool isEmpty)
    {
        int count = _inotify.TryRead(_buffer, out Failure failure);
        // The kernel fills the buffer as far as whole events fit: room for one more means that there was none.
        isEmpty = failure is not (Failure.None or Failure.Interrupted)
            || (failure == Failure.None && count <= BufferBytes - InotifyHandle.MaxEventBytes);
        foreach (InotifyEvent e in new InotifyEvents(_buffer.AsSpan(0, count)))
        {
            _position += InotifyHandle.EventHeaderBytes + e.Length;
            Apply(in e);
        }

        return count;
    }

    private void NoteLoss()
    {
        if (_isLost)
        {
            return;
        }

        _isLost = true;
        _lostAt = Environment.TickCount64;
        string limit = Limits.MaxQueuedEvents.ToString(System.Globalization.CultureInfo.InvariantCulture);
        _sink.Tell(
            FileEventKind.Overflow,
            file: null,
            path: "",
            isInferred: false,
            "the kernel's queue of events ran over, as they were not read in time (fs.inotify.max_queued_events is "
            + limit + "); every file is looked at now");
    }

    // A mount over a directory or a file, or its end, gives no event (inotify(7)). The queue comes first here, too.
    private void LookIfRemounted(bool isEmpty)
    {
        if (_isRemounted && (isEmpty || Environment.TickCount64 - _remountedAt >= MaxLossMs))
        {
            _isRemounted = false;
            LookAtAllWays();
        }
    }

    // Best when the queue is empty, so that little comes twice; but a storm may never let it be. Looks that follow each
    // other closely get further apart.
    private void RescanIfLost(bool isEmpty)
    {
        long now = Environment.TickCount64;
        if (!_isLost || now < _rescanNotBefore || (!isEmpty && now - _lostAt < MaxLossMs))
        {
            return;
        }

        _isLost = false;
        _isMakingUp = true;
        LookAtAllWays();
        _isMakingUp = false;
        bool isRepeat = now - _lastRescanAt < 2 * MaxRescanDelayMs;
        _rescanDelayMs = isRepeat ? Math.Clamp(_rescanDelayMs * 2, MinRescanDelayMs, MaxRescanDelayMs) : 0;
        _lastRescanAt = Environment.TickCount64;
        _rescanNotBefore = _lastRescanAt + _rescanDelayMs;
    }

    // Also when others change what is due: they wake the thread.
    private int NextDelayMs()
    {
        lock (Gate)
        {
            long now = Environment.TickCount64;
            long at = Math.Min(NextQuietAt(), NextLookAt());
            if (_isLost)
            {
                at = Math.Min(at, Math.Max(_rescanNotBefore, now + 1));
            }

            if (_isRemounted)
            {
                at = Math.Min(at, now + 1);
            }

            return at == long.MaxValue ? Timeout.Infinite : (int)Math.Clamp(at - now, 0, int.MaxValue);
        }
    }
}
