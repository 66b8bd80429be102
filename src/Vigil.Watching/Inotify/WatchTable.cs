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

    internal void Set(int watch, string path)
    {
        lock (_gate)
        {
            _paths[watch] = path;
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
        bool hasOverflow = false;
        foreach (InotifyEvent e in events)
        {
            if (e.IsIgnored)
            {
                Remove(e.Watch.Value);
            }

            hasOverflow |= e.IsOverflow;
        }

        if (hasOverflow)
        {
            Reconcile(handle);
        }
    }

    private void Remove(int watch)
    {
        lock (_gate)
        {
            _paths.Remove(watch);
        }
    }

    // The entries first, the kernel's list second: a watch that is added in between is in neither or in the second.
    private void Reconcile(InotifyHandle handle)
    {
        int[] known;
        lock (_gate)
        {
            known = [.. _paths.Keys];
        }

        IReadOnlySet<int>? alive = handle.ListWatches();
        if (alive is null)
        {
            return;
        }

        foreach (int watch in known)
        {
            if (!alive.Contains(watch))
            {
                Remove(watch);
            }
        }
    }
}
