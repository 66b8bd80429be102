namespace Vigil.Watching;

/// <summary>
/// What a backend has to say. A hint names a place to look at; in a log, it also says what happened there.
/// </summary>
internal enum HintKind : byte
{
    /// <summary>An entry was created in, or linked into, the directory.</summary>
    Created,

    /// <summary>An entry was removed from the directory.</summary>
    Deleted,

    /// <summary>An entry left the directory by a rename; the other half has the same cookie, if it comes.</summary>
    MovedFrom,

    /// <summary>An entry came into the directory by a rename.</summary>
    MovedTo,

    /// <summary>The content of an entry was written.</summary>
    Modified,

    /// <summary>An entry that had been open for writing was closed.</summary>
    Closed,

    /// <summary>Attributes of an entry changed; without a name, of the directory itself.</summary>
    Metadata,

    /// <summary>The directory itself was removed or renamed.</summary>
    SelfMoved,

    /// <summary>The backend's watch is gone: the directory was removed, or its file system unmounted.</summary>
    WatchLost,

    /// <summary>Events were lost.</summary>
    Lost,

    /// <summary>Something was mounted or unmounted.</summary>
    MountsChanged,
}
