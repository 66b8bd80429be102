using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <summary>
/// The seam between the tree engine and what tells it of changes: inotify now; fanotify, whose renames are one event,
/// next.
/// One engine uses it, from its own thread.
/// </summary>
internal abstract class ChangeSource
{
    /// <summary>How the watching is done.</summary>
    internal abstract WatchBackend Backend { get; }

    /// <summary>The event log's lost part, if any, was lost for this reason.</summary>
    internal abstract string LostReason { get; }

    /// <summary>Watches an open directory.</summary>
    /// <param name="directory">The directory, whatever its path is by now.</param>
    /// <param name="isRoot">Whether its own removal and renaming are asked for, too.</param>
    /// <param name="failure">Why it was refused, else <see cref="Failure.None"/>.</param>
    /// <returns>The watch, the same for the same directory, or -1. Each answer is to be given back by itself.</returns>
    internal abstract int TryWatch(DirectoryHandle directory, bool isRoot, out Failure failure);

    /// <summary>Watches an open directory on the way to a root, for its own removal and renaming.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="names">For what else.</param>
    /// <returns>The watch, or -1.</returns>
    internal abstract int TryWatchItself(DirectoryHandle directory, NamesAsked names);

    /// <summary>Gives a watch back.</summary>
    /// <param name="watch">The watch.</param>
    internal abstract void Unwatch(int watch);

    /// <summary>Takes note that a watch is gone, after <see cref="HintKind.WatchLost"/>.</summary>
    /// <param name="watch">The watch.</param>
    internal abstract void Forget(int watch);

    /// <summary>Gives the next portion of hints to the sink.</summary>
    /// <param name="sink">Who takes them.</param>
    /// <returns>False where there is none.</returns>
    internal abstract bool TryDeliver(IHintSink sink);

    /// <summary>Asks for a portion, empty perhaps, that says the queue was seen empty after this call.</summary>
    internal abstract void RequestEmptyMark();

    /// <summary>Ends the use of it. Nothing else is called after that.</summary>
    /// <param name="watches">The watches that are still held.</param>
    internal abstract void Close(IEnumerable<int> watches);
}
