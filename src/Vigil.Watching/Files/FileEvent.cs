using System.Globalization;
using Vigil.Platform;

namespace Vigil.Watching;

/// <summary>
/// One event of a <see cref="FileWatcher{TTag}"/>. A small value that allocates nothing; safe to keep, on any thread.
/// </summary>
/// <typeparam name="TTag">The value that the caller gave with the file.</typeparam>
public readonly struct FileEvent<TTag>
{
    internal FileEvent(FileEventKind kind, TTag? tag, string path, bool isInferred, string? reason)
    {
        Kind = kind;
        Tag = tag;
        Path = path;
        IsInferred = isInferred;
        Reason = reason;
    }

    /// <summary>What happened.</summary>
    public FileEventKind Kind { get; }

    /// <summary>
    /// The value that the file had when the event was put into the channel; the default where <see cref="IsNotice"/>.
    /// </summary>
    public TTag? Tag { get; }

    /// <summary>
    /// The absolute path of the file as it was added (a text of <see cref="PathText"/>, so bytes that are not UTF-8
    /// are in it without a loss); with a notice that of the directory, empty with <see cref="FileEventKind.Overflow"/>.
    /// </summary>
    public string Path { get; }

    /// <summary>
    /// Whether the watcher found this by looking at the disk (after an overflow, for a directory that came back, a part
    /// that is polled, or a new file that nobody closed), not by the kernel's word.
    /// </summary>
    public bool IsInferred { get; }

    /// <summary>With a notice, why and what to do, in words for a person; else null.</summary>
    public string? Reason { get; }

    /// <summary>Whether this is about the watching, not about a file: <see cref="FileEventKind.Overflow"/> and
    /// on.</summary>
    public bool IsNotice => Kind >= FileEventKind.Overflow;

    /// <summary>The kind, the path and the reason on one line.</summary>
    /// <returns>A line for people.</returns>
    public override string ToString()
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{Kind,-13} {Path}").TrimEnd();
        return Reason is null ? text : $"{text}: {Reason}";
    }
}
