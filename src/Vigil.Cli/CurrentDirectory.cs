using Vigil.Cli.Printing;

namespace Vigil.Cli;

/// <summary>The directory that relative paths start at; it may have been deleted, and then there is none.</summary>
internal static class CurrentDirectory
{
    /// <summary>Its path, or null where it is gone.</summary>
    public static string? Path
    {
        get
        {
            try
            {
                return Environment.CurrentDirectory;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    /// <summary>Paths as they are shown to who is here.</summary>
    public static DisplayedPath Shown => Path is { } path ? DisplayedPath.RelativeTo(path) : DisplayedPath.Absolute;

    /// <summary>An absolute path without <c>.</c> and <c>..</c>; null for a relative one that starts nowhere.</summary>
    public static string? Lexical(string path)
    {
        try
        {
            return System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
