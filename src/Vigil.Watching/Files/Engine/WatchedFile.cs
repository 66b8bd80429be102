using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <summary>One path that is watched, and what its reader was told of it. Under the engine's gate.</summary>
internal class WatchedFile
{
    internal WatchedFile(string path)
    {
        Path = path;
        TerminatedPath = PathText.ToTerminated(path);
    }

    /// <summary>The absolute path, as a text of <see cref="PathText"/>.</summary>
    internal string Path { get; }

    /// <summary>The same as the kernel takes it.</summary>
    internal byte[] TerminatedPath { get; }

    /// <summary>
    /// The names that lead to it: its own, and while that is a symbolic link, the one it leads to, and so on. Events of
    /// the last are events of the file; the others change where it leads.
    /// </summary>
    internal FileHop[] Hops { get; set; } = [];

    /// <summary>
    /// Where in the stream of events those of the time before it was added end: the engine's count of bytes.
    /// </summary>
    internal long FreshFrom { get; set; }

    /// <summary>Whether the reader was told, or saw when it added the path, that something is there.</summary>
    internal bool Exists { get; set; }

    /// <summary>
    /// How it was when its contents were told last; default where that is not known. Never later than what a reader
    /// sees who looks after that event: events that an overflow takes away are found by comparing with it.
    /// </summary>
    internal FileStatus Told { get; set; }

    /// <summary>When that was looked at, in nanoseconds since 1970.</summary>
    internal long ToldAtNs { get; set; }

    /// <summary>The time of change that goes with the last word on attributes.</summary>
    internal long ToldChangedNs { get; set; }

    /// <summary>
    /// When a file that appeared and that nobody closed since counts as whole (Environment.TickCount64), or 0.
    /// </summary>
    internal long QuietAt { get; set; }

    /// <summary>How it was when the wait for that began.</summary>
    internal FileStatus Quiet { get; set; }

    /// <summary>Whether its status is to be read when the present events are done with.</summary>
    internal bool IsTouched { get; set; }

    /// <summary>Whether it is watched no more.</summary>
    internal bool IsRemoved { get; set; }
}
