namespace Vigil.Watching;

/// <summary>Counters of a <see cref="TreeWatcher"/>, read at one moment.</summary>
/// <param name="Directories">Directories in the mirror.</param>
/// <param name="Entries">Entries in the mirror, directories included.</param>
/// <param name="WatchedDirectories">Directories that hold a kernel watch.</param>
/// <param name="PolledDirectories">Directories that are polled.</param>
/// <param name="Events">Kernel events looked at.</param>
/// <param name="Changes">Changes told.</param>
/// <param name="Overflows">Times that events were lost, or did not fit the tree, and a rescan made up for
/// it.</param>
/// <param name="Repairs">Times that the mirror differed from a quiet disk and was put right; more than a few is a bug
/// to report.</param>
public readonly record struct TreeWatcherStatistics(
    int Directories,
    int Entries,
    int WatchedDirectories,
    int PolledDirectories,
    long Events,
    long Changes,
    long Overflows,
    long Repairs);
