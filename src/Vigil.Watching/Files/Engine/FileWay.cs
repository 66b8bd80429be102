namespace Vigil.Watching;

/// <summary>
/// The path of a directory that files are in, and where it leads now. Files of one directory share it, ways that lead
/// to one directory share its watch. Under the engine's gate.
/// </summary>
internal sealed class FileWay(string path)
{
    /// <summary>The path, absolute; as long as it came from a symbolic link, with whatever stands in that.</summary>
    internal string Path { get; } = path;

    /// <summary>The names in it that matter: those of files, and of links that lead to files.</summary>
    internal Dictionary<byte[], WatchedFile[]> Files { get; } = new(NameComparer.Instance);

    /// <summary>Where it led when it was looked at last.</summary>
    internal PathLook Look { get; set; } = PathLook.Nowhere;

    /// <summary>The watch of the directory; null while there is none, or none can be had.</summary>
    internal WatchNode? Directory { get; set; }

    /// <summary>The watches that it uses, that of the directory included.</summary>
    internal List<WatchNode> Nodes { get; } = [];

    /// <summary>The names on the way that it depends on.</summary>
    internal List<(WatchNode Node, byte[] Name)> Steps { get; } = [];

    /// <summary>When it is to be looked at without an event (Environment.TickCount64), or 0.</summary>
    internal long LookAt { get; set; }

    /// <summary>Why it cannot be watched, as it was told; null where it is.</summary>
    internal string? Trouble { get; set; }

    /// <summary>Whether it is told of: whether a file was added in it, and not only a link leads there.</summary>
    internal bool IsAdded { get; set; }
}
