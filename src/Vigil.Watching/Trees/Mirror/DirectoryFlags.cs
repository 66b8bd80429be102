namespace Vigil.Watching;

/// <summary>State of a directory of the mirror.</summary>
[Flags]
internal enum DirectoryFlags : byte
{
    None = 0,

    /// <summary>It was listed at least once.</summary>
    Listed = 1,

    /// <summary>
    /// It was listed while events from before the listing may still wait in the queue: until the queue has been seen
    /// empty,
    /// its events are hints to look, not a log to follow.
    /// </summary>
    Ambiguous = 2,

    /// <summary>Compared with the disk at intervals, as it gives no (sufficient) events.</summary>
    Polled = 4,

    /// <summary>On the stack of directories to list.</summary>
    Queued = 16,

    /// <summary>Polled only until it can be watched: that is tried again at each comparison.</summary>
    UntilWatched = 32,

    /// <summary>It was told that it cannot be watched.</summary>
    Told = 64,
}
