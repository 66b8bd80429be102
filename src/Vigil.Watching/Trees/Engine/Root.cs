using Vigil.Platform;

namespace Vigil.Watching;

/// <summary>One watched path: a directory with what is below it, or a single name in its parent directory.</summary>
internal sealed class Root
{
    internal Root(string path)
    {
        Path = path;
        PathBytes = PathText.ToBytes(path);
    }

    /// <summary>The absolute path as it was given.</summary>
    internal string Path { get; }

    /// <summary>The same as bytes.</summary>
    internal byte[] PathBytes { get; }

    /// <summary>
    /// The node of the directory, or of the parent directory of a single name; None while the path is gone.
    /// </summary>
    internal int Node { get; set; } = Mirror.None;

    /// <summary>With a single name: the name, else null. Only it is told of the directory.</summary>
    internal byte[]? FileName { get; set; }

    /// <summary>Whether it was told that the path is gone.</summary>
    internal bool IsGone { get; set; }

    /// <summary>
    /// Whether the path leads nowhere now, as a link on the way is gone; the file may still be there.
    /// </summary>
    internal bool IsLinkBroken { get; set; }

    /// <summary>When a single file that vanished counts as gone (Stopwatch ticks), or 0.</summary>
    internal long GoneAt { get; set; }

    /// <summary>The directories of the symbolic links on its way, as they were when its way was watched.</summary>
    internal IReadOnlyList<string> LinkDirectories { get; set; } = [];

    /// <summary>Where the path led when it was attached, without symbolic links.</summary>
    internal string RealPath { get; set; } = "";

    /// <summary>
    /// The watches of the directories above and of those with a link of the path, which tell when it may lead
    /// elsewhere.
    /// </summary>
    internal List<int> WayWatches { get; } = [];

    /// <summary>Those of them that are of directories with a link of the path.</summary>
    internal List<int> LinkWatches { get; } = [];

    /// <summary>
    /// The watch of the directory that holds the watched one, or -1. It tells when that is removed: where somebody is
    /// in it or has it open, the directory itself tells only once it is left (vfs_rmdir keeps its inode that long).
    /// </summary>
    internal int HolderWatch { get; set; } = -1;

    /// <summary>The name of the watched directory in there.</summary>
    internal byte[] NameInHolder { get; set; } = [];
}
