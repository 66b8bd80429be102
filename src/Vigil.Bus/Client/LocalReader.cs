using Vigil.Platform;
using Vigil.Watching;

namespace Vigil.Bus.Client;

/// <summary>
/// Watches by itself, for a subscription without a server: the same stream, but without positions. A position that it
/// is to go on from is one that is not kept; so is where a server was when it was lost.
/// </summary>
internal sealed class LocalReader(string root, SubscribeOptions options, PendingSyncs syncs) : IChangeReader
{
    private const int ChangesAtATime = 1024;

    private readonly Lock _gate = new();
    private readonly List<(long Number, uint Sync)> _marks = [];
    private TreeWatcher? _watcher;
    private long _sequence;
    private long _snapshot;
    private long _taken;
    private long _handedOut;
    private bool _isGone;

    /// <summary>The number of the last change that a server told, and why none tells more; null where it is told from
    /// the start.</summary>
    internal (long Sequence, string Reason)? TakesOver { get; init; }

    public ChangePosition Position => default;

    public async ValueTask<bool> FillAsync(List<FileChange> changes, CancellationToken cancellation)
    {
        if (_watcher is null)
        {
            if (_isGone)
            {
                return false;
            }

            await BeginAsync(changes, cancellation).ConfigureAwait(false);
            return true;
        }

        HandOut();
        if (!await _watcher.Changes.WaitToReadAsync(cancellation).ConfigureAwait(false))
        {
            return false;
        }

        while (changes.Count < ChangesAtATime && _watcher.Changes.TryRead(out FileChange change))
        {
            _taken = change.Sequence;
            if (change.Sequence > _snapshot)
            {
                changes.Add(change.WithSequence(++_sequence));
            }
        }

        return true;
    }

    public void RequestSync(uint number)
    {
        if (_watcher is { } watcher)
        {
            _ = Task.Run(() => SyncAsync(watcher, number));
        }
    }

    public ValueTask DisposeAsync() => _watcher?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task BeginAsync(List<FileChange> changes, CancellationToken cancellation)
    {
        _sequence = TakesOver?.Sequence ?? 0;
        try
        {
            await StartAsync(changes, cancellation).ConfigureAwait(false);
        }
        catch (VigilException e) when (TakesOver is not null && e.Failure is Failure.NotFound or Failure.NotDirectory)
        {
            // It went while nobody watched it.
            _isGone = true;
            changes.Add(Notice(FileChangeKind.Gone, e.Message, PathText.ToBytes(root)));
        }
    }

    private async Task StartAsync(List<FileChange> changes, CancellationToken cancellation)
    {
        var watched = new TreeWatcherOptions { Kinds = options.Kinds };
        foreach (string glob in options.Include)
        {
            watched.Include.Add(glob);
        }

        foreach (string glob in options.Ignore)
        {
            watched.Ignore.Add(glob);
        }

        _watcher = await TreeWatcher.StartAsync([root], watched, cancellation).ConfigureAwait(false);
        FileChange ready = await _watcher.Changes.ReadAsync(cancellation).ConfigureAwait(false);
        _snapshot = _taken = ready.Sequence;
        bool isFresh = TakesOver is not null || !options.Since.IsNone;
        if (TakesOver is null)
        {
            changes.Add(ready.WithSequence(++_sequence));
        }

        if (isFresh)
        {
            changes.Add(Notice(
                FileChangeKind.Fresh,
                TakesOver is { Reason: var reason }
                    ? $"watched without a server from now on ({reason}); what is there follows"
                    : "there is no server that kept the changes since then"));
        }

        if (isFresh || options.ReportInitial)
        {
            TellState(changes);
        }

        if (isFresh)
        {
            changes.Add(Notice(FileChangeKind.Rescanned, reason: null));
        }

        if (syncs.UnderWay is var sync and not 0)
        {
            RequestSync(sync);
        }
    }

    private void TellState(List<FileChange> changes)
    {
        TreeSnapshot snapshot = _watcher!.Snapshot();
        _snapshot = snapshot.Sequence;
        var filter = new PathFilter(options.Include, options.Ignore);
        int rootLength = PathText.ToBytes(root).Length;
        foreach (TreeEntry entry in snapshot)
        {
            ReadOnlySpan<byte> path = entry.PathBytes;
            ReadOnlySpan<byte> below = path.Length > rootLength ? path[rootLength..].TrimStart((byte)'/') : default;
            if (below.IsEmpty || filter.IsReportedInAll(below, entry.Type == EntryType.Directory))
            {
                changes.Add(FileChange.Create(path.ToArray(), 0, path.Length, 0, new FileChangeOrigin
                {
                    Kind = FileChangeKind.Created,
                    Type = entry.Type,
                    IsInitial = true,
                    Sequence = ++_sequence,
                    TimeTicks = DateTime.UtcNow.Ticks,
                }));
            }
        }
    }

    private FileChange Notice(FileChangeKind kind, string? reason, byte[]? path = null) =>
        FileChange.Create(path ?? [], 0, path?.Length ?? 0, 0, new FileChangeOrigin
        {
            Kind = kind,
            Sequence = ++_sequence,
            TimeTicks = DateTime.UtcNow.Ticks,
            Notice = reason is null ? null : new WatchNotice { Reason = reason },
        });

    private async Task SyncAsync(TreeWatcher watcher, uint sync)
    {
        try
        {
            await watcher.SyncAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // Whatever there was has been told by then.
        }

        lock (_gate)
        {
            _marks.Add((watcher.Statistics.Changes, sync));
        }

        Answer();
    }

    private void HandOut()
    {
        lock (_gate)
        {
            _handedOut = _taken;
        }

        Answer();
    }

    private void Answer()
    {
        lock (_gate)
        {
            foreach ((_, uint sync) in _marks.Where(mark => mark.Number <= _handedOut))
            {
                if (syncs.Answer(sync) is var next and not 0)
                {
                    RequestSync(next);
                }
            }

            _ = _marks.RemoveAll(mark => mark.Number <= _handedOut);
        }

        syncs.CompleteAnswered();
    }
}
