using System.Globalization;
using System.Text;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <summary>
/// One change of a watched tree. Applied in order to what the first scan found, the changes give exactly the tree.
/// A small value; the path is decoded only when asked for. Safe to keep for any time, on any thread.
/// </summary>
/// <example><code>
/// await foreach (FileChange change in watcher.ReadAllAsync(cancellation))
///     Console.WriteLine(change);                        // renamed  src/a.cs -> src/b.cs
/// </code></example>
public readonly struct FileChange
{
    private readonly byte[]? _block;
    private readonly WatchNotice? _notice;
    private readonly int _pathOffset;
    private readonly int _pathLength;
    private readonly int _oldPathLength;
    private readonly long _timeTicks;

    // Both paths lie in one block that many changes share: the new path first, the old one right after it.
    internal FileChange(
        FileChangeKind kind,
        EntryType type,
        bool isInitial,
        long sequence,
        long timeTicks,
        byte[]? block,
        int pathOffset,
        int pathLength,
        int oldPathLength,
        WatchNotice? notice)
    {
        Kind = kind;
        Type = type;
        IsInitial = isInitial;
        Sequence = sequence;
        _timeTicks = timeTicks;
        _block = block;
        _pathOffset = pathOffset;
        _pathLength = pathLength;
        _oldPathLength = oldPathLength;
        _notice = notice;
    }

    /// <summary>What happened.</summary>
    public FileChangeKind Kind { get; }

    /// <summary>What the entry is; <see cref="EntryType.Unknown"/> for a notice without one.</summary>
    public EntryType Type { get; }

    /// <summary>
    /// Whether this tells what was there at the start (<see cref="TreeWatcherOptions.ReportInitial"/>).
    /// </summary>
    public bool IsInitial { get; }

    /// <summary>1, 2, 3 … without gaps in one stream.</summary>
    public long Sequence { get; }

    /// <summary>When the watcher learned of it, in UTC, to the microsecond.</summary>
    public DateTimeOffset Time => new(_timeTicks, TimeSpan.Zero);

    /// <summary>The absolute path as bytes, as the kernel has it: names on Linux are bytes, not characters.</summary>
    public ReadOnlySpan<byte> PathBytes => _block.AsSpan(_pathOffset, _pathLength);

    /// <summary>With <see cref="FileChangeKind.Renamed"/>, the absolute path before, as bytes; else empty.</summary>
    public ReadOnlySpan<byte> OldPathBytes => _block.AsSpan(_pathOffset + _pathLength, _oldPathLength);

    /// <summary>
    /// The absolute path; bytes that are not UTF-8 become U+FFFD (then see <see cref="PathBytes"/>). Decoded at each
    /// call.
    /// </summary>
    public string Path => Encoding.UTF8.GetString(PathBytes);

    /// <summary>
    /// With <see cref="FileChangeKind.Renamed"/>, the absolute path before, decoded likewise; else null.
    /// </summary>
    public string? OldPath => Kind == FileChangeKind.Renamed ? Encoding.UTF8.GetString(OldPathBytes) : null;

    /// <summary>
    /// What the watcher says about itself, with the kinds from <see cref="FileChangeKind.Ready"/> on; else null.
    /// </summary>
    public WatchNotice? Notice => _notice;

    /// <summary>
    /// The kind and the path relative to the current directory, on one line: <c>renamed  old -> new</c>.
    /// </summary>
    /// <returns>A line for people.</returns>
    public override string ToString()
    {
        string kind = KindName(Kind);
        string path = Relative(Path);
        string text = Kind == FileChangeKind.Renamed
            ? $"{kind}  {Relative(OldPath!)} -> {path}"
            : string.Create(CultureInfo.InvariantCulture, $"{kind,-8} {path}");
        return _notice?.Reason is { } reason ? $"{text}: {reason}" : text.TrimEnd();
    }

    internal FileChange WithSequence(long sequence) => new(
        Kind, Type, IsInitial, sequence, _timeTicks, _block, _pathOffset, _pathLength, _oldPathLength, _notice);

    // The same entry at the same (new) path.
    internal FileChange AsKind(FileChangeKind kind, EntryType? type = null) => new(
        kind, type ?? Type, IsInitial, Sequence, _timeTicks, _block, _pathOffset, _pathLength, 0, _notice);

    internal static string KindName(FileChangeKind kind) => kind switch
    {
        FileChangeKind.Created => "created",
        FileChangeKind.Modified => "modified",
        FileChangeKind.Closed => "closed",
        FileChangeKind.Metadata => "metadata",
        FileChangeKind.Deleted => "deleted",
        FileChangeKind.Renamed => "renamed",
        FileChangeKind.Ready => "ready",
        FileChangeKind.Overflowed => "overflowed",
        FileChangeKind.Rescanned => "rescanned",
        FileChangeKind.Degraded => "degraded",
        _ => "gone",
    };

    private static string Relative(string path)
    {
        if (WorkingDirectory.Path is not { } directory)
        {
            // It was deleted: nothing is relative to it.
            return path;
        }

        // As the paths are shown, with a mark for what is not UTF-8.
        string current = Encoding.UTF8.GetString(PathText.ToBytes(directory));

        if (path.Length == current.Length && path == current)
        {
            return ".";
        }

        string prefix = current.EndsWith('/') ? current : current + "/";
        return path.StartsWith(prefix, StringComparison.Ordinal) ? path[prefix.Length..] : path;
    }
}
