using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <summary>
/// The path that each watch of an instance was added by. An entry goes when the event IN_IGNORED of its watch has been
/// read, as only then no event of that watch can follow; where the event was lost in an overflow, the kernel's own list
/// tells. Thread-safe.
/// </summary>
internal sealed class WatchTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, string> _paths = [];

    /// <summary>Adds the watch of a path and remembers the path.</summary>
    /// <remarks>
    /// One region: a watch may be gone at once, and its IN_IGNORED read by another thread, before the path is in the
    /// table. <see cref="Forget"/> waits for the region, and so finds the path.
    /// </remarks>
    /// <param name="handle">The instance.</param>
    /// <param name="path">The path as bytes, ended by a NUL.</param>
    /// <param name="mask">The events and flags.</param>
    /// <param name="text">The path as text.</param>
    /// <returns>The watch descriptor.</returns>
    internal int Add(InotifyHandle handle, ReadOnlySpan<byte> path, InotifyMask mask, string text)
    {
        lock (_gate)
        {
            int watch = handle.AddWatch(path, (uint)mask);
            _paths[watch] = text;
            return watch;
        }
    }

    internal string? Find(int watch)
    {
        lock (_gate)
        {
            return _paths.GetValueOrDefault(watch);
        }
    }

    /// <summary>Forgets what a batch of events, all handled by now, says is gone.</summary>
    /// <param name="events">The batch.</param>
    /// <param name="handle">Whose events they are.</param>
    internal void Forget(InotifyEvents events, InotifyHandle handle)
    {
        bool hasGone = false, hasOverflow = false;
        foreach (InotifyEvent e in events)
        {
            hasGone |= e.IsIgnored;
            hasOverflow |= e.IsOverflow;
        }

        if (!hasGone && !hasOverflow)
        {
            return;
        }

        lock (_gate)
        {
            foreach (InotifyEvent e in events)
            {
                if (e.IsIgnored)
                {
                    _paths.Remove(e.Watch.Value);
                }
            }

            if (hasOverflow)
            {
                Reconcile(handle);
            }
        }
    }

    // Under the lock: no watch is added between the kernel's list and the table's.
    private void Reconcile(InotifyHandle handle)
    {
        if (handle.ListWatches() is not { } alive)
        {
            return;
        }

        foreach (int watch in _paths.Keys)
        {
            if (!alive.Contains(watch))
            {
                // Removing does not disturb the enumeration of a dictionary.
                _paths.Remove(watch);
            }
        }
    }
}
