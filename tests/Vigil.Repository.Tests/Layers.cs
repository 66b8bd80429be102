namespace Vigil.Repository.Tests;

/// <summary>
/// Which project may know which: one on a lower floor, never one on its own floor or above.
/// </summary>
internal static class Layers
{
    private static readonly string[][] Floors =
    [
        ["Vigil.Platform"],
        ["Vigil.Watching", "Vigil.Files", "Vigil.Rings"],
        ["Vigil.Bus"],
        ["Vigil.Relay", "Vigil.Hosting"],
    ];

    /// <summary>A ceiling may know everything, and nothing may know it.</summary>
    internal static bool IsCeiling(string project) =>
        project is "Vigil.Cli" || project.StartsWith("Vigil.Native.", StringComparison.Ordinal);

    /// <summary>The floor of a project, counted from below, or -1 for a project without one.</summary>
    internal static int FloorOf(string project) => IsCeiling(project)
        ? Floors.Length
        : Array.FindIndex(Floors, floor => floor.Contains(project));

    internal static bool MayKnow(string project, string other) =>
        FloorOf(other) >= 0 && FloorOf(other) < FloorOf(project);
}
