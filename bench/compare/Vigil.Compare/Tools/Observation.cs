namespace Vigil.Compare.Tools;

/// <summary>One line of a tool's output that names a path, or tells of a loss.</summary>
internal readonly record struct Observation(
    ObservedKind Kind, string Path, string? OldPath = null, bool IsDirectory = false, string? Text = null);
