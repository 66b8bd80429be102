using System.Diagnostics;
using System.Text;
using System.Threading.Channels;
using Vigil.Bus.Records;
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
/// that move along, then their rename) counts as one there: <see cref="Through"/> never lies inside.
/// </remarks>
internal sealed class WatchedTree : IAsyncDisposable
{
    private const int RecordsAtATime = 4096;
    private const int PauseMs = 1;

    // A feed that has nothing to tell for so many records says where the stream is, so that its readers' positions stay
    // among what is kept.
    private const int LongestSilence = 4096;

    private readonly Lock _gate = new();
    private readonly BusServerOptions _options;
    private readonly ChangeHistory _history;
    private readonly List<ChangeFeed> _feeds = [];
    private readonly List<(long Number, TaskCompletionSource Reached)> _waiting = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _starting = new();
    private TreeWatcher? _watcher;
    private long _groupStart;
    private long _rateAt = Stopwatch.GetTimestamp();
    private long _rateFrom;
    private double _rate;
    private volatile bool _isDisposed;

    internal WatchedTree(string root, BusServerOptions options)
    {
        Root = root;
        RootBytes = PathText.ToBytes(root);
        _options = options;
        _history = new ChangeHistory(options.HistoryBytes & ~(ChangeRecord.AlignmentBytes - 1));
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

    /// <summary>How many changes it told a second since this was asked last, or of the last second.</summary>
    internal double ChangesPerSecond()
    {
        lock (_gate)
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

    /// <summary>The feeds as they are now.</summary>
    internal ChangeFeed[] Feeds
    {
        get
        {
            lock (_gate)
            {
                return [.. _feeds];
            }
        }
    }

    /// <summary>How much history there is: bytes of memory, records, the oldest.</summary>
    internal (long CapacityBytes, int Count, long Oldest, long Through) History
    {
        get
        {
            lock (_gate)
            {
                return (_history.CapacityBytes, _history.Count, _history.Oldest, Through);
            }
        }
    }

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
    internal byte[]? TryCopyHistory(long after, out long through)
    {
        lock (_gate)
        {
            through = Through;
            return CopyHistory(after);
        }
    }

    internal TreeSnapshot Snapshot() => _watcher!.Snapshot();

    /// <summary>Lets a subscriber into the feed that it shares with others of the same wishes.</summary>
    /// <param name="rules">What it wants.</param>
    /// <param name="descriptors">For whom descriptors are opened; null where none are wanted.</param>
    /// <param name="connection">Where the ring is sent to.</param>
    /// <param name="after">Its position in this watching; null where it has none.</param>
    /// <param name="announce">Called with the number that it begins after, before the ring is sent.</param>
    /// <param name="status">Why it was not let in.</param>
    internal JoinedFeed? TryJoin(
        SieveRules rules,
        (uint User, uint Group)? descriptors,
        UnixSocket connection,
        long? after,
        Func<long, bool> announce,
        out RingStatus status)
    {
        lock (_gate)
        {
            if (_ended.Task.IsCompleted)
            {
                status = RingStatus.NotFound;
                return null;
            }

            ChangeFeed feed = FindFeed(rules, descriptors);
            status = announce(Through) ? feed.Admit(connection, out ulong id) : Refused(out id);
            if (status != RingStatus.Ok)
            {
                DropUnused(feed);
                return null;
            }

            feed.Users++;
            return new JoinedFeed(feed, id, Through, after is { } number ? CopyHistory(number) : null);
        }
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
                joined.Feed.Flush();
            }
        }
    }

    private static RingStatus Refused(out ulong id)
    {
        id = 0;
        return RingStatus.Io;
    }

    private byte[]? CopyHistory(long after) =>
        _history.HasAllAfter(after, Through) && _history.TryCopyAfter(after, out byte[] copy) ? copy : null;

    private ChangeFeed FindFeed(SieveRules rules, (uint User, uint Group)? descriptors)
    {
        FeedKey key = FeedKey.Of(rules, descriptors);
        ChangeFeed? feed = _feeds.Find(other => other.Key == key);
        if (feed is null)
        {
            feed = new ChangeFeed(key, rules, OpenerFor(descriptors), _options);
            _feeds.Add(feed);
        }

        return feed;
    }

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
        if (feed.Users == 0 && _feeds.Remove(feed))
        {
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
                },
                _starting.Token).ConfigureAwait(false);
            FileChange ready = await _watcher.Changes.ReadAsync(_starting.Token).ConfigureAwait(false);
            ReadyNotice = ready.Notice;
            Through = ready.Sequence;

            _ = Task.Run(RunAsync);
        }
        catch
        {
            _ended.TrySetResult();
            throw;
        }
    }

    private async Task RunAsync()
    {
        ChannelReader<FileChange> changes = _watcher!.Changes;
        var pace = new BatchPace();
        try
        {
            while (await changes.WaitToReadAsync().ConfigureAwait(false))
            {
                if (pace.IsPauseDue())
                {
                    await Task.Delay(PauseMs).ConfigureAwait(false);
                }

                lock (_gate)
                {
                    TakeBatch(changes);
                }
            }
        }
        catch (Exception e)
        {
            _options.Log?.Invoke($"{Root} is watched no more: {e.GetType().Name}: {e.Message}");
        }

        End();
        if (!_isDisposed)
        {
            await _watcher.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void End()
    {
        lock (_gate)
        {
            _ = _ended.TrySetResult();
            foreach (ChangeFeed feed in _feeds)
            {
                feed.Dispose();
            }

            _feeds.Clear();
            foreach ((_, TaskCompletionSource reached) in _waiting)
            {
                _ = reached.TrySetResult();
            }

            _waiting.Clear();
        }
    }

    private void TakeBatch(ChannelReader<FileChange> changes)
    {
        for (int count = 0; count < RecordsAtATime && changes.TryRead(out FileChange change); count++)
        {
            Take(change);
        }

        foreach (ChangeFeed feed in _feeds)
        {
            if (feed.Silence > LongestSilence)
            {
                feed.Mark(Through, answer: 0);
            }

            feed.Flush();
        }

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
        Span<byte> room = _history.Begin(ChangeRecord.SizeOf(path.Length, oldPath.Length, reason?.Length ?? 0));
        ChangeRecord.Write(room, FieldsOf(change), path, oldPath, reason);
        _history.End();
        foreach (ChangeFeed feed in _feeds)
        {
            feed.Take(_history.Last, change.Identity);
        }

        if (!isListed)
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
