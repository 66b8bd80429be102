namespace Vigil.Watching;

/// <summary>
/// What a <see cref="FileChange"/> says. The first block changes the tree; the second tells about the watching.
/// </summary>
public enum FileChangeKind : byte
{
    /// <summary>
    /// An entry appeared: made there, moved in from outside, or found by a scan. Parents come before children.
    /// </summary>
    Created = 0,

    /// <summary>The content of a file was written or truncated.</summary>
    Modified,

    /// <summary>A file that had been open for writing was closed.</summary>
    Closed,

    /// <summary>Mode, owner, times or another attribute changed.</summary>
    Metadata,

    /// <summary>
    /// An entry is gone: removed, or moved out of the tree. Entries below a directory come before it.
    /// </summary>
    Deleted,

    /// <summary>
    /// An entry has another path in the tree; everything below it moved along, and what it replaced is gone.
    /// </summary>
    Renamed,

    /// <summary>
    /// An entry below a directory that the next <see cref="Renamed"/> moves. Told only where it was asked for, children
    /// before parents: for who tells the changes on to others, who may see only one of the two places.
    /// </summary>
    Moved,

    /// <summary>What the next <see cref="Renamed"/> takes the place of. Told only where it was asked for.</summary>
    Replaced,

    /// <summary>The first of a stream: from here on nothing is missed.</summary>
    Ready = 16,

    /// <summary>
    /// Events were lost (the kernel's queue ran over, or the reader fell behind), or do not fit the tree; the notice
    /// says which. A rescan follows.
    /// </summary>
    Overflowed,

    /// <summary>The rescan is over: all it found was told before this.</summary>
    Rescanned,

    /// <summary>A part of the tree cannot be watched and is polled from now on.</summary>
    Degraded,

    /// <summary>A watched path itself was removed, moved away or unmounted.</summary>
    Gone,

    /// <summary>
    /// From a bus alone: what the reader holds of the tree is to be dropped. All that is there follows as
    /// <see cref="Created"/>, then <see cref="Rescanned"/>.
    /// </summary>
    Fresh,
}
