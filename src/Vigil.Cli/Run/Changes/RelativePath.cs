namespace Vigil.Cli.Run.Changes;

/// <summary>Paths as they are told to commands and people.</summary>
internal static class RelativePath
{
    /// <summary>A path relative to the innermost of some directories that it is in; else as it is.</summary>
    public static string Of(string path, IEnumerable<string> directories)
    {
        string best = path;
        foreach (string directory in directories)
        {
            string prefix = directory.EndsWith('/') ? directory : directory + "/";
            if (path.StartsWith(prefix, StringComparison.Ordinal) && path.Length - prefix.Length < best.Length)
            {
                best = path[prefix.Length..];
            }
            else if (path == directory)
            {
                return ".";
            }
        }

        return best;
    }

    /// <summary>A path relative to the current directory where it is in it; else as it is.</summary>
    public static string OfCurrent(string path) =>
        CurrentDirectory.Lexical(".") is { } directory ? Of(path, [directory]) : path;
}
