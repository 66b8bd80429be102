namespace Vigil.Watching;

/// <summary>
/// A set of those kinds of change that can be asked for. The kinds about the watching itself are always told.
/// </summary>
[Flags]
public enum FileChangeKinds
{
    /// <summary>Nothing but what the watcher says about itself.</summary>
    None = 0,

    /// <summary><see cref="FileChangeKind.Created"/>.</summary>
    Created = 1 << FileChangeKind.Created,

    /// <summary><see cref="FileChangeKind.Modified"/>.</summary>
    Modified = 1 << FileChangeKind.Modified,

    /// <summary><see cref="FileChangeKind.Closed"/>.</summary>
    Closed = 1 << FileChangeKind.Closed,

    /// <summary><see cref="FileChangeKind.Metadata"/>.</summary>
    Metadata = 1 << FileChangeKind.Metadata,

    /// <summary><see cref="FileChangeKind.Deleted"/>.</summary>
    Deleted = 1 << FileChangeKind.Deleted,

    /// <summary><see cref="FileChangeKind.Renamed"/>.</summary>
    Renamed = 1 << FileChangeKind.Renamed,

    /// <summary>Every kind: the default. A mirror of the tree needs <see cref="Structure"/> at least.</summary>
    All = Created | Modified | Closed | Metadata | Deleted | Renamed,

    /// <summary>What changes which paths there are: created, deleted and renamed.</summary>
    Structure = Created | Deleted | Renamed,

    /// <summary><see cref="FileChangeKind.Moved"/>, which <see cref="All"/> has not.</summary>
    Moved = 1 << FileChangeKind.Moved,

    /// <summary><see cref="FileChangeKind.Replaced"/>, which <see cref="All"/> has not.</summary>
    Replaced = 1 << FileChangeKind.Replaced,
}
