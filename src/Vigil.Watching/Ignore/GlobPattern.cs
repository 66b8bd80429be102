using System.Diagnostics.CodeAnalysis;
using Vigil.Platform;

namespace Vigil.Watching;

/// <summary>Checks of patterns in the syntax of gitignore(5) that a person typed. Thread-safe.</summary>
public static class GlobPattern
{
    /// <summary>Checks a pattern as <see cref="TreeWatcherOptions.Ignore"/> takes it.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="problem">What is wrong with it and what to write instead, to follow a colon; else null.</param>
    /// <param name="column">Where, counted in characters from 1; 0 where it is about the whole or nothing.</param>
    /// <returns>Whether a watcher takes it.</returns>
    public static bool TryCheck(string pattern, [NotNullWhen(false)] out string? problem, out int column)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        _ = IgnorePattern.Parse(PathText.ToBytes(pattern), out problem, out column);
        return problem is null;
    }
}
