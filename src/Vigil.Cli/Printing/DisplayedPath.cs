using Vigil.Platform;

namespace Vigil.Cli.Printing;

/// <summary>Paths as they are shown: relative to the current directory where they lie in it.</summary>
internal sealed class DisplayedPath
{
    // With its slash at the end; empty where paths stay absolute.
    private readonly byte[] _prefix;

    private DisplayedPath(byte[] prefix) => _prefix = prefix;

    /// <summary>Paths stay as they are.</summary>
    public static DisplayedPath Absolute { get; } = new([]);

    /// <summary>Paths below a directory are shown relative to it.</summary>
    /// <param name="directory">An absolute path.</param>
    public static DisplayedPath RelativeTo(string directory) =>
        new(PathText.ToBytes(directory.EndsWith('/') ? directory : directory + "/"));

    /// <summary>The part of a path that is shown; the directory itself is <c>.</c>.</summary>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> path)
    {
        ReadOnlySpan<byte> prefix = _prefix;
        if (path.StartsWith(prefix))
        {
            ReadOnlySpan<byte> rest = path[prefix.Length..];
            return rest.IsEmpty && !path.IsEmpty ? "."u8 : rest;
        }

        return path.Length == prefix.Length - 1 && prefix.StartsWith(path) ? "."u8 : path;
    }
}
