using Vigil.Cli.Printing;
using Vigil.Platform.Linux;

namespace Vigil.Cli;

/// <summary>The directory that relative paths start at; it may have been deleted, and then there is none.</summary>
internal static class CurrentDirectory
{
    /// <summary>Paths as they are shown to who is here.</summary>
    public static DisplayedPath Shown =>
        WorkingDirectory.Path is { } path ? DisplayedPath.RelativeTo(path) : DisplayedPath.Absolute;

    /// <summary>An absolute path without <c>.</c> and <c>..</c>; null for a relative one that starts nowhere.</summary>
    public static string? Lexical(string path) => WorkingDirectory.TryComplete(path);
}
