namespace Vigil.Watching;

/// <summary>
/// A set of the kinds of <see cref="FileEvent{TTag}"/> that can be asked for. Those about the watching itself are
/// always told. Each kind from <see cref="Modify"/> on makes the kernel's queue fill faster.
/// </summary>
[Flags]
public enum FileEventKinds
{
    /// <summary>Nothing but what the watcher says about itself.</summary>
    None = 0,

    /// <summary><see cref="FileEventKind.CloseWrite"/>.</summary>
    CloseWrite = 1 << FileEventKind.CloseWrite,

    /// <summary><see cref="FileEventKind.Delete"/>.</summary>
    Delete = 1 << FileEventKind.Delete,

    /// <summary><see cref="FileEventKind.Create"/>.</summary>
    Create = 1 << FileEventKind.Create,

    /// <summary><see cref="FileEventKind.Modify"/>.</summary>
    Modify = 1 << FileEventKind.Modify,

    /// <summary><see cref="FileEventKind.Attributes"/>.</summary>
    Attributes = 1 << FileEventKind.Attributes,

    /// <summary><see cref="FileEventKind.Open"/>.</summary>
    Open = 1 << FileEventKind.Open,

    /// <summary><see cref="FileEventKind.Access"/>.</summary>
    Access = 1 << FileEventKind.Access,

    /// <summary><see cref="FileEventKind.CloseNoWrite"/>.</summary>
    CloseNoWrite = 1 << FileEventKind.CloseNoWrite,

    /// <summary><see cref="FileEventKind.MovedFrom"/>.</summary>
    MovedFrom = 1 << FileEventKind.MovedFrom,

    /// <summary><see cref="FileEventKind.MovedTo"/>.</summary>
    MovedTo = 1 << FileEventKind.MovedTo,

    /// <summary>The default: contents are new, or gone. Enough to know at the end whether a file is there.</summary>
    Contents = CloseWrite | Delete,

    /// <summary>Every kind.</summary>
    All = Contents | Create | Modify | Attributes | Open | Access | CloseNoWrite | MovedFrom | MovedTo,
}
