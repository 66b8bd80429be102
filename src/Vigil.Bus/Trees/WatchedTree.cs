using System.Diagnostics;
using System.Text;
using System.Threading.Channels;
using Vigil.Bus.Records;
using Vigil.Bus.Serving;
using Vigil.Platform;
using Vigil.Platform.Linux;
using Vigil.Rings;
using Vigil.Watching;

namespace Vigil.Bus.Trees;

/// <summary>
/// A tree that is watched for all who ask: its one watcher, the numbers and the history of its changes, and the feeds
/// of its subscribers. Thread-safe.
/// </summary>
/// <remarks>
/// Implementation notes. What the watcher tells is taken by one loop, under the gate, in batches: each change becomes a
/// record, goes into the history, and through every feed. Under the same gate a subscriber is let into its feed: so it
/// reads exactly what comes after <see cref="Through"/>, and what is before that it is given besides. A group (entries
/// that move along, then their rename) counts as one there: <see cref="Through"/> never lies inside, and nobody is let
/// in before its end, as a feed that begins in the middle would know only the rest of it. Nothing that may take long is
/// done under the gate: a feed that opens files or has much to match has a thread of its own.
/// </remarks>
internal sealed class WatchedTree : IAsyncDisposable
{
    private const int RecordsAtATime = 4096;
    private const int BytesAtATime = 256 << 10;
    private const int PauseMs = 1;
    private const int MostHistoryTurns = 2;

    private readonly Lock _gate = new();
    private readonly Lock _rateGate = new();
    private readonly BusServerOptions _options;
    private readonly TreeHistory _history;
    private readonly RecordBuffer _batch = new();
    private readonly List<Action> _joins = [];
    private readonly List<(long Number, TaskCompletionSource Reached)> _waiting = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _starting = new();
    private TreeWatcher? _watcher;
    private long _groupStart;
    private int _listedBytes;
    private long _rateAt = Stopwatch.GetTimestamp();
    private long _rateFrom;
    private double _rate;
    private readonly WatchBudget? _budget;
    private readonly FeedThreads _threads;
    private volatile ChangeFeed[] _feeds = [];
    private volatile bool _isDisposed;

    /// <summary>Begins to watch a tree.</summary>
    /// <param name="root">Its root.</param>
    /// <param name="options">How.</param>
    /// <param name="shares">What users may take.</param>
    /// <param name="budget">How many directories it may have; null for as many as there are.</param>
    /// <param name="sent">Counts what is made for peers; null where nobody does.</param>
    internal WatchedTree(
        string root,
        BusServerOptions options,
        UserShares? shares = null,
        WatchBudget? budget = null,
        SentMemory? sent = null)
    {
        Root = root;
        RootBytes = PathText.ToBytes(root);
        _options = options;
        _budget = budget;
        _threads = new FeedThreads(shares ?? new UserShares(options));
        States = new StateMaker(
            () => _watcher!.Snapshot(), sent ?? new SentMemory(long.MaxValue, options.StallTimeout));
        _history = new TreeHistory(options.HistoryBytes & ~(ChangeRecord.AlignmentBytes - 1));
        do
        {
            Epoch = (ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue);
        }
        while (Epoch == 0);
        Ready = StartAsync();
    }

    /// <summary>The path, without symbolic links.</summary>
    internal string Root { get; }

    internal byte[] RootBytes { get; }

    /// <summary>Which watching of the tree this is.</summary>
    internal ulong Epoch { get; }

    /// <summary>Ends when the tree is watched; fails where it cannot be.</summary>
    internal Task Ready { get; }

    /// <summary>Ends when it is watched no more: its root is gone, or it was disposed.</summary>
    internal Task Ended => _ended.Task;

    /// <summary>What the watcher said when it was ready.</summary>
    internal WatchNotice? ReadyNotice { get; private set; }

    /// <summary>The last change that went through the feeds.</summary>
    internal long Through { get; private set; }

    internal TreeWatcherStatistics Statistics => _watcher?.Statistics ?? default;

    /// <summary>Whether directories are polled for which the kernel had no watches.</summary>
    internal bool IsShortOfWatches => _watcher is { IsShortOfWatches: true } && Statistics.PolledDirectories > 0;

    /// <summary>How many changes it told a second since this was asked last, or of the last second.</summary>
    internal double ChangesPerSecond()
    {
        lock (_rateGate)
        {
            long now = Stopwatch.GetTimestamp();
            double seconds = Stopwatch.GetElapsedTime(_rateAt, now).TotalSeconds;
            if (seconds >= 1)
            {
                _rate = (Through - _rateFrom) / seconds;
                (_rateAt, _rateFrom) = (now, Through);
            }

            return _rate;
        }
    }

    /// <summary>The feeds as they are now. Takes no lock.</summary>
    internal ChangeFeed[] Feeds => _feeds;

    /// <summary>Whether what came after a number is kept, as far as can be said without a lock.</summary>
    internal bool HasHistory(long number) => number > 0 && _history.Has(number) && number <= Through;

    /// <summary>How much history there is: bytes of memory, and records. Takes no lock.</summary>
    internal (long CapacityBytes, int Count) History => (_history.CapacityBytes, _history.Count);

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        await _starting.CancelAsync().ConfigureAwait(false);
        try
        {
            await Ready.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It was told to who waited for it.
        }

        if (_watcher is not null)
        {
            await _watcher.DisposeAsync().ConfigureAwait(false);
            await Ended.ConfigureAwait(false);
        }
    }

    /// <summary>Everything that happened before this call has gone through the feeds when the task ends.</summary>
    /// <returns>The number of the last change by then.</returns>
    internal async Task<long> SyncAsync(CancellationToken cancellation)
    {
        TreeWatcher watcher = _watcher ?? throw new InvalidOperationException("It is not watched yet.");
        await watcher.SyncAsync(cancellation).ConfigureAwait(false);
        long number = watcher.Statistics.Changes;
        Task reached;
        lock (_gate)
        {
            if (Through >= number || _ended.Task.IsCompleted)
            {
                return Through;
            }

            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((number, source));
            reached = source.Task;
        }

        await reached.WaitAsync(cancellation).ConfigureAwait(false);
        lock (_gate)
        {
            return Through;
        }
    }

    /// <summary>The records after a number, if they are kept.</summary>
    internal HistoryCopy? TryCopyHistory(long after, SieveRules rules, out long through)
    {
        lock (_gate)
        {
            through = Through;
            return _history.TryCopyAfter(after, Through, !rules.SeesAll);
        }
    }

    /// <summary>Its states, for those who ask for all that is there.</summary>
    internal StateMaker States { get; }

    /// <summary>A turn at making something of the history: each holds a copy of it.</summary>
    internal SemaphoreSlim HistoryTurns { get; } = new(MostHistoryTurns);

    /// <summary>Whether what was found at a path is what the watcher has there.</summary>
    internal bool Has(ResolvedRoot root) =>
        _watcher!.TryGetIdentity(PathText.ToBytes(root.Path), out ulong identity)
        && (identity == 0 ? root.Path != Root : root.Is(identity));

    /// <summary>Whether there is anything at a path, as far as this watching knows.</summary>
    /// <param name="path">An absolute path.</param>
    internal bool HasName(string path) => _watcher!.TryGetIdentity(PathText.ToBytes(path), out _);

    /// <summary>Lets a subscriber into the feed that it shares with others of the same wishes.</summary>
    /// <param name="rules">What it wants.</param>
    /// <param name="descriptors">For whom descriptors are opened; null where none are wanted.</param>
    /// <param name="connection">Where the ring is sent to.</param>
    /// <param name="after">Its position in this watching; null where it has none.</param>
    /// <param name="announce">Called with the number that it begins after, before the ring is sent; says whether the
    /// subscriber was told.</param>
    /// <param name="foreign">Its user, where that is not the server's own.</param>
    /// <returns>Its place, or why it was not let in.</returns>
    /// <exception cref="BusException">There are as many feeds as there may be.</exception>
    /// <exception cref="VigilException">There is no memory for its ring, or no descriptor.</exception>
    /// <exception cref="ObjectDisposedException">The connection was closed meanwhile.</exception>
    internal Task<(JoinedFeed? Joined, RingStatus Status)> JoinAsync(
        SieveRules rules,
        (uint User, uint Group)? descriptors,
        UnixSocket connection,
        long? after,
        Func<long, bool> announce,
        uint? foreign = null)
    {
        // Made before the gate is taken: that takes a while, and most often it is needed.
        FeedKey key = FeedKey.Of(rules, descriptors, foreign);
        ChangeFeed? fresh = Find(key) is null ? Make(key, rules, descriptors) : null;
        var joining = new TaskCompletionSource<(JoinedFeed?, RingStatus)>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        void LetIn()
        {
            ChangeFeed? made = fresh;
            try
            {
                ChangeFeed feed = Find(key) ?? (made ??= Make(key, rules, descriptors));
                if (feed == made)
                {
                    Add(made);
                    made = null;
                }

                joining.SetResult(Join(feed, rules, connection, after, announce));
            }
            catch (Exception e)
            {
                joining.SetException(e);
            }

            made?.Dispose();
        }

        lock (_gate)
        {
            if (_groupStart == 0 || _ended.Task.IsCompleted)
            {
                LetIn();
            }
            else
            {
                _joins.Add(LetIn);
            }
        }

        return joining.Task;
    }

    /// <summary>Takes a subscriber out of its feed.</summary>
    internal void Leave(JoinedFeed joined)
    {
        lock (_gate)
        {
            joined.Feed.Users--;
            joined.Feed.Remove(joined.ConsumerId);
            DropUnused(joined.Feed);
        }
    }

    /// <summary>Tells one subscriber, through its feed, that all before has been told.</summary>
    internal void Mark(JoinedFeed joined, ulong answer)
    {
        lock (_gate)
        {
            if (_feeds.Contains(joined.Feed))
            {
                joined.Feed.Mark(Through, answer);
            }
        }
    }

    // Under the gate, between two groups.
    private (JoinedFeed?, RingStatus) Join(
        ChangeFeed feed, SieveRules rules, UnixSocket connection, long? after, Func<long, bool> announce)
    {
        var status = RingStatus.NotFound;
        ulong id = 0;
        try
        {
            if (!_ended.Task.IsCompleted)
            {
                status = announce(Through) ? feed.Admit(connection, out id) : RingStatus.Io;
            }
        }
        finally
        {
            if (status != RingStatus.Ok)
            {
                DropUnused(feed);
            }
        }

        if (status != RingStatus.Ok)
        {
            return (null, status);
        }

        feed.Users++;
        feed.EvictIfLost();
        HistoryCopy? history =
            after is { } number ? _history.TryCopyAfter(number, Through, !rules.SeesAll) : null;
        return (new JoinedFeed(feed, id, Through, history), status);
    }

    private ChangeFeed? Find(FeedKey key) => Array.Find(_feeds, feed => feed.Key == key && !feed.IsLost);

    private ChangeFeed Make(FeedKey key, SieveRules rules, (uint User, uint Group)? descriptors)
    {
        bool withThread = ChangeFeed.NeedsThread(rules, descriptors is not null);
        if (!_threads.TryTakeFeed(key.Foreign, withThread))
        {
            string whose = key.Foreign is { } user ? $"user {user} has" : $"{Root} has";
            throw new BusException(
                BusProblem.TooMany, $"{whose} as many subscriptions that differ as may be; ask for what others do");
        }

        FileOpener? opener = null;
        try
        {
            opener = OpenerFor(descriptors);
            return new ChangeFeed(key, rules, opener, _options, _threads);
        }
        catch
        {
            opener?.Dispose();
            _threads.EndFeed(key.Foreign, withThread);
            throw;
        }
    }

    // The cheap ones first: they do not wait for what others have to match.
    private void Add(ChangeFeed feed) => _feeds = [.. _feeds.Append(feed).OrderBy(other => other.Cost)];

    private FileOpener? OpenerFor((uint User, uint Group)? descriptors)
    {
        if (descriptors is not { } user)
        {
            return null;
        }

        bool isDirectory = Stat.TryGet(PathText.ToTerminated(Root), followLinks: false, out FileStatus status)
            == Failure.None && status.Type == EntryType.Directory;
        string directory = isDirectory ? Root : Path.GetDirectoryName(Root) ?? "/";
        return new FileOpener(
            DirectoryHandle.Open(PathText.ToTerminated(directory), followLink: false),
            PathText.ToBytes(directory).Length,
            user.User == UnixSocket.OwnUserId ? null : user);
    }

    private void DropUnused(ChangeFeed feed)
    {
        if (feed.Users == 0 && _feeds.Contains(feed))
        {
            _feeds = [.. _feeds.Where(other => other != feed)];
            feed.Dispose();
        }
    }

    private async Task StartAsync()
    {
        // The caller holds a lock.
        await Task.Yield();
        try
        {
            _watcher = await TreeWatcher.StartAsync(
                [Root],
                new TreeWatcherOptions
                {
                    Kinds = FileChangeKinds.All | FileChangeKinds.Moved | FileChangeKinds.Replaced,
                    FollowRootLinks = false,
                    Budget = _budget,
                },
                _starting.Token).ConfigureAwait(false);
            FileChange ready = await _watcher.Changes.ReadAsync(_starting.Token).ConfigureAwait(false);
            ReadyNotice = ready.Notice;
            Through = ready.Sequence;
            _history.StartAt(Through);
            new Thread(Run) { IsBackground = true, Name = "vigil feeds" }.UnsafeStart();
        }
        catch
        {
            _ended.TrySetResult();
            if (_watcher is not null)
            {
                await _watcher.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    // On a thread of its own, and woken by the watcher's: what is made for others on the thread pool, or hangs there,
    // holds no change up.
    private void Run()
    {
        ChannelReader<FileChange> changes = _watcher!.Changes;
        var pace = new BatchPace();
        try
        {
            using var waiter = new ChannelWaiter<FileChange>(changes);
            while (waiter.Wait())
            {
                if (pace.IsPauseDue())
                {
                    waiter.Pause(PauseMs);
                }

                TakeBatch(changes);
            }
        }
        catch (Exception e)
        {
            _options.Log?.Invoke($"{Root} is watched no more: {e.GetType().Name}: {e.Message}");
        }

        End();
        if (!_isDisposed)
        {
            _ = _watcher.DisposeAsync().AsTask();
        }
    }

    private void End()
    {
        lock (_gate)
        {
            _ = _ended.TrySetResult();
            foreach (ChangeFeed feed in _feeds)
            {
                feed.Finish();
            }

            _feeds = [];
            _history.Forget(Through);
            _joins.ForEach(join => join());
            _joins.Clear();
            foreach ((_, TaskCompletionSource reached) in _waiting)
            {
                _ = reached.TrySetResult();
            }

            _waiting.Clear();
        }
    }

    /// <summary>Takes what the watcher has told, up to some bound, and passes it on. One thread at a time.</summary>
    internal void TakeBatch(ChannelReader<FileChange> changes)
    {
        lock (_gate)
        {
            _batch.Clear();
            _listedBytes = 0;
            for (int count = 0;
                count < RecordsAtATime && _batch.Bytes.Length < BytesAtATime && changes.TryRead(out FileChange change);
                count++)
            {
                Take(change);
                if (_groupStart == 0 && _joins.Count > 0)
                {
                    break;
                }
            }

            PassOn();
            if (_groupStart == 0)
            {
                _joins.ForEach(join => join());
                _joins.Clear();
            }

            TellReached();
        }
    }

    // A feed takes the whole batch and shows it to its readers before the next one does.
    private void PassOn()
    {
        foreach (ChangeFeed feed in _feeds)
        {
            feed.Take(_batch.Bytes, _listedBytes, Through);
            if (feed.IsLost)
            {
                _feeds = [.. _feeds.Where(other => other != feed)];
                feed.Dispose();
            }
        }
    }

    private void TellReached()
    {
        for (int i = _waiting.Count - 1; i >= 0; i--)
        {
            if (_waiting[i].Number <= Through)
            {
                _ = _waiting[i].Reached.TrySetResult();
                _waiting.RemoveAt(i);
            }
        }
    }

    private void Take(in FileChange change)
    {
        bool isListed = change.Kind is FileChangeKind.Moved or FileChangeKind.Replaced;
        if (isListed && _groupStart == 0)
        {
            _groupStart = change.Sequence;
        }

        byte[]? reason = change.Notice?.Reason is { } text ? Encoding.UTF8.GetBytes(text) : null;
        ReadOnlySpan<byte> path = change.PathBytes;
        ReadOnlySpan<byte> oldPath = change.OldPathBytes;
        int bytes = ChangeRecord.SizeOf(path.Length, oldPath.Length, reason?.Length ?? 0);
        Span<byte> record = TreeRecords.Prefix(_batch.Begin(TreeRecords.PrefixBytes + bytes), change.Identity);
        ChangeRecord.Write(record, FieldsOf(change), path, oldPath, reason);
        _batch.End();
        record.CopyTo(_history.For(change.Kind).Begin(record.Length));
        _history.End();

        if (isListed)
        {
            _listedBytes += TreeRecords.PrefixBytes + bytes;
        }
        else
        {
            _groupStart = 0;
            Through = change.Sequence;
        }
    }

    private RecordFields FieldsOf(in FileChange change) => new()
    {
        Kind = (byte)change.Kind,
        Type = change.Type,
        Number = change.Sequence,
        TimeMicroseconds = (change.Time.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond,
        Extra = change.Kind switch
        {
            FileChangeKind.Moved or FileChangeKind.Replaced or FileChangeKind.Renamed => (ulong)_groupStart,
            FileChangeKind.Degraded => (ulong)(change.Notice?.PollInterval.TotalMicroseconds ?? 0),
            _ => change.Identity,
        },
    };
}
