namespace Vigil.Watching;

/// <summary>
/// What a <see cref="FileEvent{TTag}"/> says. The first block is about a file, the second about the watching.
/// </summary>
public enum FileEventKind : byte
{
    /// <summary>
    /// The path has new contents, and they are whole: a writer closed the file, a file was renamed to this name (the
    /// way editors save), a symbolic link on the way was led elsewhere, or the file appeared in another way. One event
    /// for each of these, whichever it was.
    /// </summary>
    CloseWrite = 0,

    /// <summary>Nothing is at the path any more: unlinked, renamed away, or its directory is gone.</summary>
    Delete,

    /// <summary>Something is at the path that was not before; <see cref="CloseWrite"/> follows once it is
    /// whole.</summary>
    Create,

    /// <summary>The file was written or truncated; its writer may not be done.</summary>
    Modify,

    /// <summary>Mode, owner, times, links or extended attributes changed.</summary>
    Attributes,

    /// <summary>The file was opened.</summary>
    Open,

    /// <summary>The file was read, or executed.</summary>
    Access,

    /// <summary>The file was closed by someone who could not write to it.</summary>
    CloseNoWrite,

    /// <summary>The file was renamed away; <see cref="Delete"/> follows.</summary>
    MovedFrom,

    /// <summary>A file was renamed to this name; <see cref="CloseWrite"/> follows.</summary>
    MovedTo,

    /// <summary>
    /// The kernel's queue ran over, mostly because this channel was full for long, and events were lost. Every file is
    /// looked at then, and what differs is told for each, as ordinary events after this one.
    /// </summary>
    Overflow = 16,

    /// <summary>
    /// A directory cannot be watched; its files are looked at every <see cref="FileWatcherOptions.PollInterval"/>
    /// instead. The reason says why, which limit with its value, and what to do.
    /// </summary>
    Degraded,

    /// <summary>
    /// The directory of files was removed, moved away or unmounted. It is waited for: once it is back, its files are
    /// told.
    /// </summary>
    DirectoryLost,
}
