using System.Diagnostics;
using System.Runtime.InteropServices;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <summary>
/// Keeps the mirror equal to the disk and tells every change of it: one thread for each tree watcher, which takes
/// hints from
/// the change source, looks at the disk, moves the mirror and writes the changes.
/// </summary>
/// <remarks>
/// Implementation notes; docs/internals/tree-watching.md has the whole story.
/// A change is told exactly when the mirror is changed, so a reader that applies the changes holds the mirror. What
/// remains
/// is that the mirror equals the disk: (1) in a directory that was watched before it was listed, the events are a
/// complete
/// log of its names, applied in order (Events, Moves); (2) while events from before a listing may still be queued,
/// they are
/// only hints, and the disk decides (Ambiguous); (3) a directory is only ever opened by a path and then compared with
/// the
/// identity the mirror has, so a stale path cannot show another directory (OpenDirectory); (4) whatever differed is
/// looked
/// at again once the queue has been seen empty, and put right (Doubts); (5) lost events make a walk that tells the
/// differences (Scan). All of it runs on the one thread, under the gate, which Snapshot takes, too; the gate is let
/// go while
/// changes are sent, as a full channel waits for the reader.
/// </remarks>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "The thread disposes what it used when it ends.")]
internal sealed partial class TreeEngine : IHintSink
{
    private const int MoveTimeoutMs = 5;

    // More than the tick of every kernel's clock for the times of files, which is 1 to 10 ms.
    private const long TickNs = 20_000_000;
    private const int MaxSyncMs = 1000;
    private const int SendThreshold = 4096;
    private const int StackBytes = 1 << 20;

    private readonly Lock _gate = new();
    private readonly Mirror _mirror = new();
    private readonly DirectoryCache _open = new();
    private readonly TreeWatcherOptions _options;
    private readonly ChangeSource? _source;
    private readonly ChangeWriter _writer;
    private readonly PathFilter _filter;
    private readonly AutoResetEvent _signal = new(initialState: false);
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<Command> _commands = new();
    private readonly List<SyncRequest> _syncs = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _signalled;
    private uint _batch = 1;
    private long _emptyAt;
    private long _markRequestedAt;
    private long _events;
    private long _overflows;
    private long _repairs;

    internal TreeEngine(TreeWatcherOptions options)
    {
        _options = options = options.Copy();
        _filter = new PathFilter(options.Include, options.Ignore);
        _writer = new ChangeWriter(_mirror, _fileRoots, options.Kinds, _filter, options.Settle, options.Capacity);
        if (options.Backend != WatchBackend.Poll)
        {
            _source = new InotifySource(options.Kinds, Wake);
        }
    }

    internal System.Threading.Channels.ChannelReader<FileChange> Changes => _writer.Reader;

    internal TreeWatcherStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                return new TreeWatcherStatistics(
                    _mirror.DirectoryCount - _fileRoots.Count,
                    _mirror.Count - _fileRoots.Count,
                    _mirror.WatchedCount,
                    _polled.Count,
                    _events,
                    _writer.Sequence,
                    _overflows,
                    _repairs);
            }
        }
    }

    /// <summary>Starts the thread; the task ends when everything is watched.</summary>
    internal Task StartAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            _ = WatchThread.Start(() => Run(paths, started, cancellationToken), "vigil tree", StackBytes);
        }
        catch
        {
            _source?.Close([]);
            throw;
        }

        return started.Task;
    }

    internal Task StopAsync()
    {
        _stop.Cancel();
        Wake();
        return _ended.Task;
    }

    internal Task<T> InvokeAsync<T>(Func<T> action, CancellationToken cancellationToken)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Run()
        {
            try
            {
                result.SetResult(action());
            }
            catch (Exception e) when (e is VigilException or ArgumentException or IOException)
            {
                // The caller's mistake, or the path's; the watcher goes on.
                result.SetException(e);
            }
            catch (Exception e)
            {
                // It ends the watcher; the command is in no queue any more, so nobody else would answer it.
                result.SetException(
                    e is OperationCanceledException ? new ObjectDisposedException(nameof(TreeWatcher)) : e);
                throw;
            }
        }

        return Enqueue(new Command(Run, e => result.TrySetException(e)), result.Task, cancellationToken)
            .WaitAsync(cancellationToken);
    }

    internal Task SyncAsync(CancellationToken cancellationToken)
    {
        var request = new SyncRequest(Stopwatch.GetTimestamp());
        void Run()
        {
            _syncs.Add(request);
            SweepNow();
        }

        return Enqueue(new Command(Run, e => request.Done.TrySetException(e)), request.Done.Task, cancellationToken)
            .WaitAsync(cancellationToken);
    }

    private TTask Enqueue<TTask>(Command command, TTask answer, CancellationToken cancellationToken)
        where TTask : Task
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_commands)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, typeof(TreeWatcher));
            _commands.Enqueue(command);
        }

        Wake();
        return answer;
    }

    internal TreeSnapshot Snapshot()
    {
        lock (_gate)
        {
            var entries = new List<TreeEntry>(_mirror.Count);
            foreach (int node in Walk().Where(n => !IsHeld(n)))
            {
                byte[] path = PathOf(node);
                ref MirrorNode n = ref _mirror[node];
                EntryType type = _writer.IsUnsettled(path, out EntryType known) ? known : n.Type;
                if (type != EntryType.Unknown)
                {
                    entries.Add(new TreeEntry(path, type, n.SizeBytes, n.ModifiedNs));
                }
            }

            // The changes to come lead on from what was told, which lags behind the mirror where changes have to
            // settle.
            entries.AddRange(_writer.UnsettledDeletions.Select(d => new TreeEntry(d.Path, d.Type, 0, 0)));
            return new TreeSnapshot(entries, _writer.Sequence);
        }
    }

    void IHintSink.PortionDone(long emptyAt)
    {
        if (emptyAt != 0)
        {
            _emptyAt = emptyAt;
            SettleAmbiguity();
        }
    }

    private void Run(IReadOnlyList<string> paths, TaskCompletionSource started, CancellationToken starting)
    {
        Exception? failure = null;
        try
        {
            lock (_gate)
            {
                Start(paths, starting);
            }

            started.SetResult();
            while (!_stop.IsCancellationRequested && !AllGone())
            {
                _writer.Flush(_stop.Token);
                CompleteSyncs();
                WaitForWork();
                lock (_gate)
                {
                    Work();
                }
            }

            lock (_gate)
            {
                _writer.SettleNow();
            }

            _writer.Flush(_stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed while it waited for its reader.
        }
        catch (Exception e)
        {
            failure = e;
        }
        finally
        {
            End(failure, started, starting);
        }
    }

    private void End(Exception? failure, TaskCompletionSource started, CancellationToken starting)
    {
        lock (_commands)
        {
            _stop.Cancel();
        }

        _open.Clear();
        _source?.Close(HeldWatches());
        _options.Budget?.Count(-_counted);
        if (failure is OperationCanceledException && starting.IsCancellationRequested)
        {
            _ = started.TrySetCanceled(starting);
        }
        else if (failure is not null)
        {
            _ = started.TrySetException(failure);
        }

        _writer.Complete(failure);
        var disposed = new ObjectDisposedException(nameof(TreeWatcher));
        foreach (Command command in _commands)
        {
            command.Fail(disposed);
        }

        foreach (SyncRequest request in _syncs)
        {
            _ = request.Done.TrySetException(disposed);
        }

        _ended.SetResult();
    }

    private void Work()
    {
        BeginBatch();
        if (_source is not null)
        {
            // What is there now, but not more: a stream that never ends must not keep the batch from ending.
            long until = Stopwatch.GetTimestamp();
            while (_source.TryDeliver(this) && _emptyAt < until)
            {
                Breathe();
            }
        }

        RunCommands();
        CheckMounts();
        CheckRootsIfAsked();
        RescanIfLost();
        ScanQueued();
        ApplyChangedRules();
        RefreshListed();
        SweepIfDue();
        VerifyTouched();
        ResolveDoubts();
        ExpireMoves();
        ScanQueued();
        LookAtUnlooked();
        RequestMarkIfNeeded();
        _writer.Settle();
        FindDueSyncs();
        _open.Clear();
        _mirror.AssertInvariants();
    }

    private void BeginBatch()
    {
        _batch++;
        _writer.TimeTicks = DateTime.UtcNow.Ticks;
    }

    // Sends what has gathered in the middle of long work. The mirror agrees with what was told whenever this is called.
    private void Breathe()
    {
        if (_writer.GatheredCount < SendThreshold)
        {
            return;
        }

        // The reader may take its time: no directory stays open meanwhile but one that is being listed.
        _open.MakeRoom();
        _gate.Exit();
        try
        {
            _writer.Flush(_stop.Token);
        }
        finally
        {
            _gate.Enter();
        }
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref _signalled, 1) == 0)
        {
            _signal.Set();
        }
    }

    private void WaitForWork()
    {
        _ = _signal.WaitOne(NextDelayMs());
        Volatile.Write(ref _signalled, 0);
        Interlocked.MemoryBarrier();
    }

    private int NextDelayMs()
    {
        if (_unlooked.Count > 0 || _checkRoots)
        {
            return 0;
        }

        int delay = _writer.SettleDelayMs;
        delay = Earlier(delay, _moves.Count > 0 || _doubts.Count > 0 || _touched.Count > 0 ? MoveTimeoutMs : -1);
        delay = Earlier(delay, RescanDelayMs());
        delay = Earlier(delay, SweepDelayMs());
        return Earlier(delay, RootDelayMs());
    }

    private static long NowNs() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    private static int Earlier(int a, int b) => a < 0 ? b : b < 0 ? a : Math.Min(a, b);

    private static int MillisecondsUntil(long ticks)
    {
        double left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), ticks).TotalMilliseconds;
        return left <= 0 ? 0 : (int)Math.Min(Math.Ceiling(left), 60_000);
    }

    private static long TicksFrom(long start, double milliseconds) =>
        start + (long)(milliseconds * Stopwatch.Frequency / 1000);

    private void RunCommands()
    {
        while (true)
        {
            Command? command;
            lock (_commands)
            {
                if (!_commands.TryDequeue(out command))
                {
                    return;
                }
            }

            command.Run();
        }
    }

    // Asks the source for a word that its queue was empty, for everything that waits for one; once, until it is
    // answered.
    private void RequestMarkIfNeeded()
    {
        bool needed = _ambiguous.Count > 0 || _moves.Count > 0 || _doubts.Count > 0 || _syncs.Count > 0;
        if (_source is null)
        {
            _emptyAt = Stopwatch.GetTimestamp();
            if (needed)
            {
                SettleAmbiguity();
            }
        }
        else if (needed && _emptyAt >= _markRequestedAt)
        {
            _markRequestedAt = Stopwatch.GetTimestamp();
            _source.RequestEmptyMark();
        }
    }

    // A request is answered when the queue was seen empty after it and nothing that it led to is left undecided. In a
    // tree
    // that never rests there always is something undecided, of later events: there, all from before was applied by
    // then.
    private bool IsDue(SyncRequest request) =>
        !_lost
        && request.At < _emptyAt
        && (_touched.Count + _doubts.Count + _moves.Count == 0
            || Stopwatch.GetElapsedTime(request.At).TotalMilliseconds > MaxSyncMs);

    private void FindDueSyncs()
    {
        foreach (SyncRequest request in _syncs)
        {
            request.IsDue = IsDue(request);
        }

        if (_syncs.Exists(request => request.IsDue))
        {
            // Whoever asks for everything does not wait for it to settle.
            _writer.SettleNow();
        }
    }

    private void CompleteSyncs() => _syncs.RemoveAll(request => request.IsDue && request.Done.TrySetResult());

    private IEnumerable<int> HeldWatches()
    {
        foreach (int watch in _roots.Concat(_covered).SelectMany(root => root.WayWatches))
        {
            yield return watch;
        }

        foreach (int node in Walk())
        {
            if (_mirror[node].Directory != Mirror.None && _mirror.DirectoryOf(node).Watch != Mirror.None)
            {
                yield return _mirror.DirectoryOf(node).Watch;
            }
        }
    }

    private byte[] PathOf(int node)
    {
        if (_fileRoots.Count > 0 && _fileRoots.TryGetValue(_mirror[node].Parent, out Root? root))
        {
            return root.PathBytes;
        }

        byte[] path = new byte[_mirror.PathLength(node)];
        _mirror.WritePath(node, path);
        return path;
    }

    // Every entry that is told of, parents first.
    private IEnumerable<int> Walk()
    {
        foreach (Root root in _roots)
        {
            if (root.Node == Mirror.None)
            {
                continue;
            }

            if (root.FileName is not null)
            {
                int child = _mirror.Find(root.Node, root.FileName);
                if (child != Mirror.None)
                {
                    yield return child;
                }

                continue;
            }

            for (int node = root.Node; node != Mirror.None; node = _mirror.NextInWalk(node, root.Node))
            {
                yield return node;
            }
        }
    }

    /// <summary>
    /// Something that a caller wants done on the engine's thread, and what becomes of it if the engine ends.
    /// </summary>
    private sealed record Command(Action Run, Func<Exception, bool> Fail);

    private sealed class SyncRequest(long at)
    {
        internal long At { get; } = at;

        internal bool IsDue { get; set; }

        internal TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
