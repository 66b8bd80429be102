using Vigil.Bus.Serving;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Bus.Trees;

/// <summary>
/// The trees that are watched: one for each root, whoever asks. One whose last user has left is kept for a while, so
/// that who comes back finds its history; but it makes room where there are as many as may be. Thread-safe.
/// </summary>
internal sealed class TreeTable : IAsyncDisposable
{
    // Of the kernel's watches those that nobody uses may keep one in so many for longer than the grace period.
    private const int IdlePart = 4;
    private const int FreeingMs = 2000;

    private readonly Lock _gate = new();
    private readonly BusServerOptions _options;
    private readonly UserShares _shares;
    private readonly SentMemory _sent;
    private readonly Action _onIdle;
    private readonly List<TableEntry> _entries = [];
    private readonly long _mostIdle;
    private bool _isDisposed;

    internal TreeTable(
        BusServerOptions options, UserShares shares, SentMemory sent, Action onIdle, long? mostIdle = null)
    {
        long watches = Limits.MaxUserWatches;
        _mostIdle = mostIdle ?? (watches < 0 ? long.MaxValue : watches / IdlePart);
        _sent = sent;
        _options = options;
        _shares = shares;
        _onIdle = onIdle;
    }

    /// <summary>The trees as they are now, with the number of their users.</summary>
    internal (WatchedTree Tree, int Users)[] All
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries.Select(entry => (entry.Tree, entry.Users))];
            }
        }
    }

    /// <summary>How many trees a user that is not the server's own is charged with.</summary>
    internal int CountOf(uint user)
    {
        lock (_gate)
        {
            return _entries.Count(entry => entry.IsChargedTo(user));
        }
    }

    /// <summary>The tree that a root is or is inside of, watched from now on if it was not; to be given back.</summary>
    /// <param name="root">An absolute path without symbolic links.</param>
    /// <param name="since">The position that the caller would go on from, or none.</param>
    /// <param name="isApart">Only a tree of just this root will do: those around it do not see what is there.</param>
    /// <param name="user">Who asks.</param>
    /// <returns>The tree.</returns>
    /// <exception cref="BusException">There are as many as may be.</exception>
    internal WatchedTree Take(string root, ChangePosition since, bool isApart, uint user)
    {
        WatchedTree? left = null;
        WatchedTree taken;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _ = _entries.RemoveAll(old => old.Tree.Ended.IsCompleted);
            TableEntry? entry = isApart
                ? _entries.Find(e => e.Tree.Root == root)
                : _entries.Find(e => HasHistory(e, since) && Covers(e.Tree.Root, root))
                    ?? _entries.Find(e => e.Tree.Root == root)
                    ?? _entries.Where(e => IsShared(e) && Covers(e.Tree.Root, root)).MaxBy(e => e.Tree.Root.Length);
            if (entry is null)
            {
                left = MakeRoom(user);
                WatchBudget budget = _shares.DirectoriesOf(user).Share();
                entry = new TableEntry(
                    new WatchedTree(root, _options, _shares, budget, _sent), budget, _shares, user);
                _entries.Add(entry);
                _options.Log?.Invoke($"watching {root}");
            }

            if (!entry.TryEnter(user, root))
            {
                throw new BusException(
                    BusProblem.TooMany,
                    $"{entry.Tree.Root} is too large for user {user}: more than the "
                    + $"{_shares.DirectoriesOf(user).MaxDirectories} directories that it may have");
            }

            taken = entry.Tree;
        }

        if (left is not null)
        {
            _ = Leave(left, "to make room");
        }

        return taken;
    }

    /// <summary>Watches a tree no more that is not what its path leads to; who asks next has another.</summary>
    internal void Drop(WatchedTree tree)
    {
        lock (_gate)
        {
            if (_isDisposed || _entries.RemoveAll(entry => entry.Tree == tree) == 0)
            {
                return;
            }
        }

        _ = Leave(tree, "another is there now");
    }

    /// <summary>Frees trees that nobody uses for one that lacks the kernel's watches; its next comparison with the disk
    /// finds them.</summary>
    internal async Task FindWatchesAsync(WatchedTree tree, CancellationToken cancellation)
    {
        List<WatchedTree> taken;
        lock (_gate)
        {
            taken = _entries.Find(e => e.Tree == tree) is { } entry ? TakeOutFor(entry) : [];
        }

        if (taken.Count == 0)
        {
            return;
        }

        Task freed = Task.WhenAll(taken.Select(idle => Leave(idle, "its watches are wanted")));
        try
        {
            await freed.WaitAsync(TimeSpan.FromMilliseconds(FreeingMs), cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // One of them is on a file system that does not answer; they are found later, then.
        }
    }

    /// <summary>As <see cref="FindWatchesAsync"/>, for all trees that grew meanwhile, and waits for nothing.</summary>
    internal void FindWatches()
    {
        List<WatchedTree> taken;
        lock (_gate)
        {
            taken = [.. _entries.ToArray().SelectMany(TakeOutFor)];
        }

        foreach (WatchedTree idle in taken)
        {
            _ = Leave(idle, "its watches are wanted");
        }
    }

    /// <summary>Gives a tree back.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="root">The root that it was taken for.</param>
    /// <param name="user">Who had it.</param>
    /// <param name="hasPosition">Whether they have a position of it, and nothing else that keeps it.</param>
    internal void Return(WatchedTree tree, string root, uint user, bool hasPosition = false)
    {
        lock (_gate)
        {
            if (_entries.Find(e => e.Tree == tree) is not { } entry)
            {
                return;
            }

            if (hasPosition)
            {
                entry.KeptUntil = Environment.TickCount64 + (long)_options.PositionGracePeriod.TotalMilliseconds;
            }

            entry.Exit(user, root);
            if (entry.TrySettle() || _isDisposed)
            {
                return;
            }

            if (entry.Users > 0 && (entry.Freeing is not null || tree.Ended.IsCompleted))
            {
                // The time counts from when who paid for it left.
                return;
            }

            if (tree.Ended.IsCompleted)
            {
                _ = _entries.Remove(entry);
            }
            else
            {
                long leaving = ++entry.Leavings;
                entry.Freeing?.Dispose();
                long graceMs = (long)_options.GracePeriod.TotalMilliseconds;
                graceMs = Math.Max(graceMs, entry.KeptUntil - Environment.TickCount64);

                // What is longer than a timer can be is as good as for ever.
                entry.Freeing = new Timer(
                    _ => Free(entry, leaving),
                    null,
                    graceMs > int.MaxValue ? Timeout.Infinite : graceMs,
                    Timeout.Infinite);
                BoundIdle();
                return;
            }
        }

        _onIdle();
    }

    public async ValueTask DisposeAsync()
    {
        TableEntry[] entries;
        lock (_gate)
        {
            _isDisposed = true;
            entries = [.. _entries];
            _entries.Clear();
        }

        foreach (TableEntry entry in entries)
        {
            entry.Freeing?.Dispose();
            await entry.Tree.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static bool Covers(string root, string path) =>
        path == root || path.StartsWith(root == "/" ? root : root + "/", StringComparison.Ordinal);

    // Who comes back goes on in the tree that it had, if what it missed is there: else it would gain nothing from it.
    private static bool HasHistory(TableEntry entry, ChangePosition since) =>
        !since.IsNone && entry.Tree.Epoch == since.Epoch && entry.Tree.HasHistory(since.Number);

    // A tree around the root serves it, too, if somebody wants all of it, and it is at hand: one that is being read, or
    // has to compare many directories with the disk, would be waited for, and one that only others inside have be kept
    // as long as any of them comes. The kernel's watches are shared either way.
    private static bool IsShared(TableEntry entry) =>
        entry.IsWanted && entry.Tree.Ready.IsCompletedSuccessfully && entry.Tree.Statistics.PolledDirectories == 0;

    // A tree that nobody uses goes first, the one that was left first. Another user never takes the place of what the
    // server's own has used.
    private WatchedTree? MakeRoom(uint user)
    {
        bool isForeign = UserShares.ForeignOf(user) is not null;
        if (isForeign && _entries.Count(entry => entry.IsChargedTo(user)) >= _options.MaxTreesPerForeignUser)
        {
            return TakeOut(entry => entry.IsChargedTo(user)) ?? throw new BusException(
                BusProblem.TooMany,
                $"user {user} has {_options.MaxTreesPerForeignUser} trees watched, and may have no more");
        }

        return _entries.Count < _options.MaxTrees
            ? null
            : TakeOut(entry => !isForeign || entry.LastUser != UnixSocket.OwnUserId) ?? throw new BusException(
                BusProblem.TooMany, $"{_options.MaxTrees} trees are watched, and no more may be");
    }

    private WatchedTree? TakeOut(Func<TableEntry, bool> isMeant)
    {
        TableEntry? oldest = _entries.Where(entry => entry.Users == 0 && isMeant(entry)).MinBy(entry => entry.LeftAt);
        if (oldest is null)
        {
            return null;
        }

        _ = _entries.Remove(oldest);
        oldest.Freeing?.Dispose();
        return oldest.Tree;
    }

    // Those that were left first are kept no longer than the grace period where all of them are too large together.
    private void BoundIdle()
    {
        long room = _mostIdle;
        long graceMs = (long)_options.GracePeriod.TotalMilliseconds;
        foreach (TableEntry idle in _entries.Where(entry => entry.Users == 0).OrderByDescending(entry => entry.LeftAt))
        {
            room -= idle.Tree.Statistics.Directories;
            if (room < 0)
            {
                long leftMs = idle.LeftAt + graceMs - Environment.TickCount64;
                _ = idle.Freeing?.Change(Math.Clamp(leftMs, 0, int.MaxValue), Timeout.Infinite);
            }
        }
    }

    // As many trees that nobody uses as may have the watches that another lacks, those that were left first.
    private List<WatchedTree> TakeOutFor(TableEntry entry)
    {
        var taken = new List<WatchedTree>();
        if (entry.Users == 0 || !entry.Tree.IsShortOfWatches)
        {
            return taken;
        }

        long lacking = entry.Tree.Statistics.PolledDirectories;
        while (lacking > 0
            && TakeOut(idle => entry.IsOwn || idle.LastUser != UnixSocket.OwnUserId) is { } idle)
        {
            lacking -= idle.Statistics.WatchedDirectories;
            taken.Add(idle);
        }

        return taken;
    }

    private void Free(TableEntry entry, long leaving)
    {
        string? reason;
        lock (_gate)
        {
            // Somebody may have come, and left again, while this was on its way.
            if (entry.Freeing is null || entry.Leavings != leaving || entry.TrySettle() || !_entries.Remove(entry))
            {
                return;
            }

            reason = entry.Users == 0 ? null : "those who are left asked for a part of it, or have no room for it";
        }

        _ = Leave(entry.Tree, reason);
    }

    private Task Leave(WatchedTree tree, string? reason)
    {
        _options.Log?.Invoke($"no longer watching {tree.Root}{(reason is null ? "" : ": ")}{reason}");
        Task left = tree.DisposeAsync().AsTask();
        _onIdle();
        return left;
    }
}
