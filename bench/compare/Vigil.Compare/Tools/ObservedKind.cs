namespace Vigil.Compare.Tools;

/// <summary>What a line of a tool's output says, in words common to all tools.</summary>
internal enum ObservedKind
{
    Other,
    Created,
    Modified,
    Closed,
    Metadata,
    Deleted,
    Renamed,
    MovedFrom,
    MovedTo,
    Overflowed,
    Rescanned,
    Error,
}
