using System.Text;

namespace Vigil.Watching.Tests;

/// <summary>Ignore files, and paths to ask about. Names and patterns have one char for each byte (Latin-1).</summary>
internal sealed class IgnoreCase
{
    /// <summary>The contents of the ignore files, by directory: "" or "src/".</summary>
    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>The paths to ask about; true for a directory.</summary>
    public Dictionary<string, bool> Paths { get; } = [];

    /// <summary>Adds a path, and all directories above it.</summary>
    public void AddPath(string path, bool isDirectory)
    {
        Paths[path] = isDirectory || Paths.GetValueOrDefault(path);
        for (int slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            Paths[path[..slash]] = true;
        }
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach ((string directory, byte[] content) in Files)
        {
            text.Append($"{directory}.gitignore = \"{Escape(Encoding.Latin1.GetString(content))}\" ");
        }

        return text.ToString();
    }

    public static string Escape(string bytes) =>
        string.Concat(bytes.Select(c => c is >= ' ' and <= '~' ? c.ToString() : $"\\x{(int)c:X2}"));
}
