namespace Vigil.Bus;

/// <summary>A tree that a server watches, at one moment.</summary>
/// <param name="Root">Its root.</param>
/// <param name="Position">The position of its last change.</param>
/// <param name="Directories">Directories in it.</param>
/// <param name="Entries">Entries in it, directories included.</param>
/// <param name="WatchedDirectories">Directories that hold a kernel watch.</param>
/// <param name="PolledDirectories">Directories that are polled.</param>
/// <param name="Changes">Changes that it told since it is watched.</param>
/// <param name="ChangesPerSecond">How many a second, of late.</param>
/// <param name="Overflows">How often the kernel's events did not fit and it was compared with the disk.</param>
/// <param name="HistoryBytes">Memory of its history.</param>
/// <param name="HistoryChanges">How many changes that holds.</param>
/// <param name="Users">How many use it: subscribers and questions.</param>
/// <param name="Feeds">Its feeds.</param>
public sealed record BusTreeStatus(
    string Root,
    string Position,
    int Directories,
    int Entries,
    int WatchedDirectories,
    int PolledDirectories,
    long Changes,
    double ChangesPerSecond,
    long Overflows,
    long HistoryBytes,
    int HistoryChanges,
    int Users,
    IReadOnlyList<BusFeedStatus> Feeds);
