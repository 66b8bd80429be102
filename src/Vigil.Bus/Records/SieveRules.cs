using Vigil.Watching;

namespace Vigil.Bus.Records;

/// <summary>What a subscriber wants of a tree.</summary>
/// <param name="Root">The root that it named, as bytes: that of the tree or one inside it.</param>
/// <param name="IsWhole">Whether that is the tree's own root.</param>
/// <param name="Kinds">The kinds that it wants.</param>
/// <param name="Include">Globs; if there are any, only what one of them matches is told.</param>
/// <param name="Exclude">Globs: what they match is left out, with all below it.</param>
internal sealed record SieveRules(
    byte[] Root, bool IsWhole, FileChangeKinds Kinds, IReadOnlyList<string> Include, IReadOnlyList<string> Exclude);
