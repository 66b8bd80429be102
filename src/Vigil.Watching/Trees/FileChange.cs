using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
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

    // A notice or an open file: no change has both.
    private readonly object? _extra;
    private readonly int _pathOffset;
    private readonly int _pathLength;
    private readonly int _oldPathLength;
    private readonly long _timeTicks;

    // Of a change that a watcher told, which file it is about; of one that a bus told, the epoch of its position.
    private readonly ulong _identityOrEpoch;
    private readonly long _number;
    private readonly bool _isFromBus;

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
        WatchNotice? notice,
        ulong identity = 0)
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
        _extra = notice;
        _identityOrEpoch = identity;
    }

    private FileChange(in FileChange other, EntryType type, FileChangeKind kind, long sequence, int oldPathLength)
    {
        this = other;
        Kind = kind;
        Type = type;
        Sequence = sequence;
        _oldPathLength = oldPathLength;
    }

    private FileChange(byte[] block, int pathOffset, int pathLength, int oldPathLength, in FileChangeOrigin origin)
        : this(
            origin.Kind,
            origin.Type,
            origin.IsInitial,
            origin.Sequence,
            origin.TimeTicks,
            block,
            pathOffset,
            pathLength,
            oldPathLength,
            origin.Notice,
            origin.Position.Epoch)
    {
        _extra ??= origin.Handle;
        _number = origin.Position.Number;
        _isFromBus = true;
        HandleFailure = origin.HandleFailure;
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

    /// <summary>With <see cref="FileChangeKind.Renamed"/> and <see cref="FileChangeKind.Moved"/>, the absolute path
    /// before, as bytes; else empty.</summary>
    public ReadOnlySpan<byte> OldPathBytes =>
        _block.AsSpan(_pathOffset + _pathLength, _oldPathLength);

    /// <summary>
    /// The absolute path; bytes that are not UTF-8 become U+FFFD (then see <see cref="PathBytes"/>). Decoded at each
    /// call.
    /// </summary>
    public string Path => Encoding.UTF8.GetString(PathBytes);

    /// <summary>
    /// With <see cref="FileChangeKind.Renamed"/> and <see cref="FileChangeKind.Moved"/>, the absolute path before,
    /// decoded likewise; else null.
    /// </summary>
    public string? OldPath => Kind is FileChangeKind.Renamed or FileChangeKind.Moved
        ? Encoding.UTF8.GetString(OldPathBytes)
        : null;

    /// <summary>
    /// What the watcher says about itself, with the kinds from <see cref="FileChangeKind.Ready"/> on; else null.
    /// </summary>
    public WatchNotice? Notice => _extra as WatchNotice;

    /// <summary>
    /// Where this stands in the history that a bus keeps of the tree: what comes after it can be asked for there, also
    /// after a restart. None for changes that a watcher of this process tells.
    /// </summary>
    public ChangePosition Position => _isFromBus ? new ChangePosition(_identityOrEpoch, _number) : default;

    /// <summary>
    /// Which file it is about: device, inode and birth as <see cref="FileStatus.Identity"/> mixes them, as far as the
    /// watcher of this process knew it; 0 where it did not, or a bus told this.
    /// </summary>
    public ulong Identity => _isFromBus ? 0 : _identityOrEpoch;

    /// <summary>
    /// The file itself, open for reading, where a bus was asked for descriptors: exactly the file that this is about,
    /// whatever its name stands for by now, at its beginning. The caller disposes it; else the collector closes it
    /// some time. Where this user could not open the file by itself (or there is no /proc), its position is shared with
    /// other subscribers: read at offsets then. Null where there is none, and then <see cref="HandleFailure"/> may say
    /// why.
    /// </summary>
    public SafeFileHandle? Handle => _extra as SafeFileHandle;

    /// <summary>
    /// Why no <see cref="Handle"/> came, where one was asked for: NotFound where the file is gone or another has its
    /// name, AccessDenied, TooManyOpen where this process could take no more, TimedOut where this is not told at the
    /// moment of the change, but from history or as what was there before.
    /// </summary>
    public Failure HandleFailure { get; }

    /// <summary>Makes a change, as a bus does for its subscribers.</summary>
    /// <param name="block">Where its paths lie, which must not change any more; many changes may share it.</param>
    /// <param name="pathOffset">Where the path begins, in bytes.</param>
    /// <param name="pathLength">How long it is.</param>
    /// <param name="oldPathLength">How long the old path is, which lies right behind it.</param>
    /// <param name="origin">All else.</param>
    /// <returns>The change.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The paths are not in the block.</exception>
    public static FileChange Create(
        byte[] block, int pathOffset, int pathLength, int oldPathLength, in FileChangeOrigin origin)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentOutOfRangeException.ThrowIfNegative(pathOffset);
        ArgumentOutOfRangeException.ThrowIfNegative(pathLength);
        ArgumentOutOfRangeException.ThrowIfNegative(oldPathLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)pathOffset + pathLength + oldPathLength, block.Length);
        return new FileChange(block, pathOffset, pathLength, oldPathLength, origin);
    }

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
        return Notice?.Reason is { } reason ? $"{text}: {reason}" : text.TrimEnd();
    }

    /// <summary>The same change with another number, for who makes one stream of several.</summary>
    /// <param name="sequence">The number.</param>
    /// <returns>The change.</returns>
    public FileChange WithSequence(long sequence) => new(this, Type, Kind, sequence, _oldPathLength);

    // The same entry at the same (new) path.
    internal FileChange AsKind(FileChangeKind kind, EntryType? type = null) =>
        new(this, type ?? Type, kind, Sequence, oldPathLength: 0);

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
        FileChangeKind.Gone => "gone",
        FileChangeKind.Fresh => "fresh",
        FileChangeKind.Moved => "moved",
        _ => "replaced",
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
