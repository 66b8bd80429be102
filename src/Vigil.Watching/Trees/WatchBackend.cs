namespace Vigil.Watching;

/// <summary>Where a tree watcher learns that something changed.</summary>
public enum WatchBackend
{
    /// <summary>The best that works: inotify, and polling for the parts of a tree where there are no events.</summary>
    Auto = 0,

    /// <summary>inotify(7).</summary>
    Inotify,

    /// <summary>fanotify(7); not yet.</summary>
    Fanotify,

    /// <summary>No events at all: every directory is compared with the disk at intervals.</summary>
    Poll,
}
