using Vigil.Platform;

namespace Vigil.Bus.Trees;

/// <summary>
/// The trees that are watched: one for each root, whoever asks. One whose last user has left is kept for a while, so
/// that who comes back finds its history. Thread-safe.
/// </summary>
internal sealed class TreeTable : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly BusServerOptions _options;
    private readonly Action _onIdle;
    private readonly List<Entry> _entries = [];
    private bool _isDisposed;

    internal TreeTable(BusServerOptions options, Action onIdle)
    {
        _options = options;
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

    /// <summary>The tree that a root is or is inside of, watched from now on if it was not; to be given back.</summary>
    /// <param name="root">An absolute path without symbolic links.</param>
    /// <param name="epoch">The watching that the caller would go on with, or 0.</param>
    /// <returns>The tree; null where there are as many as may be.</returns>
    internal WatchedTree? Take(string root, ulong epoch)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _ = _entries.RemoveAll(old => old.Tree.Ended.IsCompleted);
            Entry? entry = _entries.Find(e => epoch != 0 && e.Tree.Epoch == epoch && Covers(e.Tree.Root, root))
                ?? _entries.Find(e => e.Tree.Root == root)
                ?? _entries.Where(e => Covers(e.Tree.Root, root)).MaxBy(e => e.Tree.Root.Length);
            if (entry is null)
            {
                if (_entries.Count >= _options.MaxTrees)
                {
                    return null;
                }

                entry = new Entry(new WatchedTree(root, _options));
                _entries.Add(entry);
                _options.Log?.Invoke($"watching {root}");
            }

            entry.Users++;
            entry.Freeing?.Dispose();
            entry.Freeing = null;
            entry.Uses++;
            return entry.Tree;
        }
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

        _options.Log?.Invoke($"no longer watching {tree.Root}: another is there now");
        _ = tree.DisposeAsync().AsTask();
        _onIdle();
    }

    /// <summary>Gives a tree back.</summary>
    internal void Return(WatchedTree tree)
    {
        lock (_gate)
        {
            if (_entries.Find(e => e.Tree == tree) is not { } entry || --entry.Users > 0 || _isDisposed)
            {
                return;
            }

            if (tree.Ended.IsCompleted)
            {
                _ = _entries.Remove(entry);
            }
            else
            {
                long uses = entry.Uses;
                entry.Freeing = new Timer(
                    _ => Free(entry, uses), null, _options.GracePeriod, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        _onIdle();
    }

    public async ValueTask DisposeAsync()
    {
        Entry[] entries;
        lock (_gate)
        {
            _isDisposed = true;
            entries = [.. _entries];
            _entries.Clear();
        }

        foreach (Entry entry in entries)
        {
            entry.Freeing?.Dispose();
            await entry.Tree.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static bool Covers(string root, string path) =>
        path == root || path.StartsWith(root == "/" ? root : root + "/", StringComparison.Ordinal);

    private void Free(Entry entry, long uses)
    {
        lock (_gate)
        {
            // Somebody may have come, and left again, while this was on its way.
            if (entry.Users > 0 || entry.Uses != uses || !_entries.Remove(entry))
            {
                return;
            }
        }

        _options.Log?.Invoke($"no longer watching {entry.Tree.Root}");
        _ = entry.Tree.DisposeAsync().AsTask();
        _onIdle();
    }

    private sealed class Entry(WatchedTree tree)
    {
        internal WatchedTree Tree { get; } = tree;

        internal int Users { get; set; }

        /// <summary>How often it was taken.</summary>
        internal long Uses { get; set; }

        internal Timer? Freeing { get; set; }
    }
}
