using Vigil.Watching;

namespace Vigil.Bus.Records;

/// <summary>
/// Lets pass of a tree's records what a subscriber wants: what is below its root, of its kinds, by its globs. So that
/// its mirror stays right, a rename of which it may see only one end becomes a creation or a deletion, of everything
/// that moves along, too. For one thread at a time.
/// </summary>
/// <remarks>
/// The tree tells, before a rename, what that takes the place of and all entries that move along, children first: the
/// group of the rename. It is kept here until the rename comes. What is told of a group is numbered from the number of
/// its first record on, in an order that depends on nothing else: so a reader that stopped in the middle goes on there.
/// <para>
/// A root inside the tree is gone where the very directory that was subscribed is no longer there: removed, moved away,
/// or replaced by another. Where it is a file, its name counts, as editors save by making another file: that is told as
/// deleted and created, whatever kinds are wanted, and whoever reads decides how long a file may be away.
/// </para>
/// </remarks>
internal sealed class ChangeSieve
{
    private const int LargestKept = 1 << 20;

    private readonly byte[] _root;
    private readonly bool _isWhole;
    private readonly FileChangeKinds _kinds;
    private readonly PathFilter _filter;
    private RecordBuffer _group = new();
    private List<int> _groupAt = [];
    private List<ulong> _groupIdentities = [];
    private long _next;

    /// <summary>A sieve.</summary>
    /// <exception cref="ArgumentException">A glob cannot be meant as it is.</exception>
    internal ChangeSieve(SieveRules rules)
    {
        _root = rules.Root;
        _isWhole = rules.IsWhole;
        _kinds = rules.Kinds;
        _filter = new PathFilter(rules.Include, rules.Exclude);
    }

    /// <summary>Records up to this number are not told; for who goes on in the middle of a group.</summary>
    internal long After { get; init; } = -1;

    /// <summary>Which file the record is about that is taken next, for what it makes of renames; 0 where that is not
    /// known.</summary>
    internal ulong Identity { get; set; }

    /// <summary>Whether it has told that the root is gone.</summary>
    internal bool HasToldGone { get; private set; }

    // Whoever sees the whole tree needs no groups.
    private bool SeesAll => _isWhole && _filter.IsEmpty;

    /// <summary>How much of a group is kept here until its rename comes, in bytes.</summary>
    internal int GroupBytes => _group.Bytes.Length;

    /// <summary>Whether a rename says nothing without what moved along with it.</summary>
    internal bool NeedsGroup(in ChangeRecord rename)
    {
        bool wasBelow = IsWithin(rename.OldPath, _root);
        bool isBelow = IsWithin(rename.Path, _root);
        bool isAway = !wasBelow && !isBelow && !IsWithin(_root, rename.OldPath) && !IsWithin(_root, rename.Path);
        bool isInside = wasBelow && isBelow && _filter.IsEmpty && !rename.OldPath.SequenceEqual(_root);
        return !SeesAll && !isAway && !isInside;
    }

    /// <summary>Whether an entry is among what is wanted.</summary>
    internal bool Passes(ReadOnlySpan<byte> path, EntryType type)
    {
        if (SeesAll)
        {
            return true;
        }

        if (!IsWithin(path, _root))
        {
            return false;
        }

        return _filter.IsEmpty || path.Length == _root.Length
            || _filter.IsReportedInAll(
                path[(_root.Length == 1 ? 1 : _root.Length + 1)..], type == EntryType.Directory);
    }

    /// <summary>Takes the next record of the tree and tells what comes of it.</summary>
    internal void Take(in ChangeRecord record, IRecordSink sink)
    {
        switch ((FileChangeKind)record.Kind)
        {
            case FileChangeKind.Moved or FileChangeKind.Replaced:
                if (!SeesAll)
                {
                    Keep(record);
                }

                break;
            case FileChangeKind.Renamed when !SeesAll:
                TakeRename(record, sink);
                break;
            case FileChangeKind.Created or FileChangeKind.Deleted
                when EndsRoot((FileChangeKind)record.Kind, record, record.Path):
                TellGone(record, record.Number, sink);
                break;
            case FileChangeKind.Gone:
                TellGone(record, record.Number, sink);
                break;
            case FileChangeKind.Degraded:
                if (SeesAll || IsWithin(record.Path, _root) || IsWithin(_root, record.Path))
                {
                    Copy(record, sink);
                }

                break;
            case < FileChangeKind.Ready:
                if (IsWanted((FileChangeKind)record.Kind, record.Path) && Passes(record.Path, record.Type))
                {
                    Copy(record, sink);
                }

                break;
            default:
                Copy(record, sink);
                break;
        }
    }

    private static bool IsWithin(ReadOnlySpan<byte> path, ReadOnlySpan<byte> directory) =>
        path.StartsWith(directory)
        && (path.Length == directory.Length || directory.Length == 1 || path[directory.Length] == '/');

    // The root of a subscriber inside the tree; that of the whole tree its watcher knows.
    private bool IsRoot(ReadOnlySpan<byte> path) => !_isWhole && path.SequenceEqual(_root);

    // A directory that goes, or what is no file and takes the place of one.
    private bool EndsRoot(FileChangeKind kind, in ChangeRecord record, ReadOnlySpan<byte> path) =>
        IsRoot(path) && (kind == FileChangeKind.Deleted
            ? record.Type == EntryType.Directory
            : kind == FileChangeKind.Created && record.Type != EntryType.File);

    private bool IsWanted(FileChangeKind kind, ReadOnlySpan<byte> path) =>
        IsWanted(kind) || (kind is FileChangeKind.Created or FileChangeKind.Deleted && IsRoot(path));

    private bool IsWanted(FileChangeKind kind) => (_kinds & (FileChangeKinds)(1 << (int)kind)) != 0;

    private void Copy(in ChangeRecord record, IRecordSink sink)
    {
        if (record.Number > After)
        {
            record.Bytes.CopyTo(sink.Begin(record.Bytes.Length));
            sink.End();
        }
    }

    private void Keep(in ChangeRecord record)
    {
        _groupAt.Add(_group.Bytes.Length);
        _groupIdentities.Add(Identity);
        record.Bytes.CopyTo(_group.Begin(record.Bytes.Length));
        _group.End();
    }

    private ChangeRecord Kept(int index)
    {
        _ = ChangeRecord.TryRead(_group.Bytes[_groupAt[index]..], out ChangeRecord record);
        return record;
    }

    private void TakeRename(in ChangeRecord record, IRecordSink sink)
    {
        bool wasIn = Passes(record.OldPath, record.Type);
        bool isIn = Passes(record.Path, record.Type);
        if (wasIn && isIn && _filter.IsEmpty && !record.OldPath.SequenceEqual(_root))
        {
            // All that moves along was and is in.
            if (IsWanted(FileChangeKind.Renamed))
            {
                Copy(record, sink);
            }
        }
        else
        {
            _next = record.Extra == 0 ? record.Number : (long)record.Extra;
            if (ReplacesRoot)
            {
                TellGone(record, _next, sink);
            }
            else
            {
                HashSet<string> renamed = FindRenamed(record);
                TellReplaced(wasIn && isIn, sink);
                TellLeaving(record, renamed, isBelow: true, sink);
                TellComing(record, wasIn, isIn, sink);
                TellLeaving(record, renamed, isBelow: false, sink);
            }
        }

        if (_group.Bytes.Length > LargestKept)
        {
            // As large a one will not come again soon.
            _group = new RecordBuffer();
            _groupAt = [];
            _groupIdentities = [];
        }

        _group.Clear();
        _groupAt.Clear();
        _groupIdentities.Clear();
    }

    // Whether the group that is kept puts a directory in the place of the root.
    private bool ReplacesRoot
    {
        get
        {
            for (int i = 0; i < _groupAt.Count; i++)
            {
                ChangeRecord kept = Kept(i);
                if (kept.Kind == (byte)FileChangeKind.Replaced && EndsRoot(FileChangeKind.Deleted, kept, kept.Path))
                {
                    return true;
                }
            }

            return false;
        }
    }

    // Where the reader knows both ends, the rename says it.
    private void TellReplaced(bool isKnown, IRecordSink sink)
    {
        for (int i = 0; i < _groupAt.Count; i++)
        {
            ChangeRecord kept = Kept(i);
            if (kept.Kind == (byte)FileChangeKind.Replaced && !isKnown && Passes(kept.Path, kept.Type))
            {
                Tell(FileChangeKind.Deleted, kept, kept.Path, sink);
            }
        }
    }

    // What only the old place let pass, children first. What lies below a directory that is told as renamed leaves
    // before that, at its old path; the rest after all that comes, as a directory that leaves may have held what does
    // not: with includes, each path counts by itself.
    private void TellLeaving(in ChangeRecord rename, HashSet<string> renamed, bool isBelow, IRecordSink sink)
    {
        for (int i = 0; i < _groupAt.Count; i++)
        {
            ChangeRecord kept = Kept(i);
            if (kept.Kind == (byte)FileChangeKind.Moved && IsBelow(kept.OldPath, renamed) == isBelow
                && Passes(kept.OldPath, kept.Type) && !Passes(kept.Path, kept.Type))
            {
                TellLeft(kept, sink);
            }
        }

        if (!isBelow && Passes(rename.OldPath, rename.Type) && !Passes(rename.Path, rename.Type))
        {
            TellLeft(rename, sink);
        }
    }

    // The old paths of the directories that the reader knows at both ends, as it knows them before anything is told.
    private HashSet<string> FindRenamed(in ChangeRecord rename)
    {
        var renamed = new HashSet<string>(StringComparer.Ordinal);
        Note(rename, renamed);
        for (int i = 0; i < _groupAt.Count; i++)
        {
            ChangeRecord kept = Kept(i);
            if (kept.Kind == (byte)FileChangeKind.Moved)
            {
                Note(kept, renamed);
            }
        }

        return renamed;
    }

    private void Note(in ChangeRecord record, HashSet<string> renamed)
    {
        if (record.Type == EntryType.Directory
            && Passes(record.OldPath, record.Type) && Passes(record.Path, record.Type))
        {
            _ = renamed.Add(System.Text.Encoding.Latin1.GetString(record.OldPath));
        }
    }

    private static bool IsBelow(ReadOnlySpan<byte> path, HashSet<string> directories)
    {
        if (directories.Count == 0)
        {
            return false;
        }

        string text = System.Text.Encoding.Latin1.GetString(path);
        for (int slash = text.LastIndexOf('/'); slash > 0; slash = text.LastIndexOf('/', slash - 1))
        {
            if (directories.Contains(text[..slash]))
            {
                return true;
            }
        }

        return false;
    }

    private void TellLeft(in ChangeRecord record, IRecordSink sink)
    {
        Tell(FileChangeKind.Deleted, record, record.OldPath, sink);
    }

    // What only the new place lets pass, and what both do, parents first. Entries below a directory that is told as
    // renamed have moved along in the reader's mirror.
    private void TellComing(in ChangeRecord rename, bool wasIn, bool isIn, IRecordSink sink)
    {
        var moved = new HashSet<string>(StringComparer.Ordinal);
        TellCome(rename, Identity, wasIn, isIn, moved, sink);
        for (int i = _groupAt.Count - 1; i >= 0; i--)
        {
            ChangeRecord kept = Kept(i);
            if (kept.Kind == (byte)FileChangeKind.Moved)
            {
                bool keptWasIn = Passes(kept.OldPath, kept.Type);
                TellCome(kept, _groupIdentities[i], keptWasIn, Passes(kept.Path, kept.Type), moved, sink);
            }
        }
    }

    private void TellCome(
        in ChangeRecord record, ulong identity, bool wasIn, bool isIn, HashSet<string> moved, IRecordSink sink)
    {
        if (!isIn)
        {
            return;
        }

        if (!wasIn)
        {
            Tell(FileChangeKind.Created, record, record.Path, sink, identity);
            return;
        }

        ReadOnlySpan<byte> path = record.Path;
        string parent = System.Text.Encoding.Latin1.GetString(path[..Math.Max(0, path.LastIndexOf((byte)'/'))]);
        if (record.Type == EntryType.Directory)
        {
            _ = moved.Add(System.Text.Encoding.Latin1.GetString(path));
        }

        if (!moved.Contains(parent))
        {
            TellRenamed(record, sink);
        }
    }

    private void TellRenamed(in ChangeRecord record, IRecordSink sink)
    {
        long number = _next++;
        if (IsWanted(FileChangeKind.Renamed) && number > After)
        {
            RecordFields fields = record.Fields;
            Write(
                new RecordFields
                {
                    Kind = (byte)FileChangeKind.Renamed,
                    Type = fields.Type,
                    Number = number,
                    TimeMicroseconds = fields.TimeMicroseconds,
                },
                record.Path,
                record.OldPath,
                default,
                sink);
        }
    }

    private void Tell(
        FileChangeKind kind, in ChangeRecord record, ReadOnlySpan<byte> path, IRecordSink sink, ulong identity = 0)
    {
        long number = _next++;
        if (EndsRoot(kind, record, path))
        {
            TellGone(record, number, sink);
        }
        else if (IsWanted(kind, path) && number > After)
        {
            RecordFields fields = record.Fields;
            Write(
                new RecordFields
                {
                    Kind = (byte)kind,
                    Type = fields.Type,
                    Number = number,
                    TimeMicroseconds = fields.TimeMicroseconds,
                    Extra = identity,
                },
                path,
                default,
                default,
                sink);
        }
    }

    // The tree's root, or the subscriber's own inside it.
    private void TellGone(in ChangeRecord record, long number, IRecordSink sink)
    {
        if (number <= After)
        {
            return;
        }

        HasToldGone = true;
        ReadOnlySpan<byte> reason = record.Kind == (byte)FileChangeKind.Gone
            ? record.Reason
            : "it was removed, or moved to another place"u8;
        RecordFields fields = record.Fields;
        Write(
            new RecordFields
            {
                Kind = (byte)FileChangeKind.Gone,
                Number = number,
                TimeMicroseconds = fields.TimeMicroseconds,
            },
            _root,
            default,
            reason,
            sink);
    }

    private static void Write(
        in RecordFields fields,
        ReadOnlySpan<byte> path,
        ReadOnlySpan<byte> oldPath,
        ReadOnlySpan<byte> reason,
        IRecordSink sink)
    {
        Span<byte> room = sink.Begin(ChangeRecord.SizeOf(path.Length, oldPath.Length, reason.Length));
        ChangeRecord.Write(room, fields, path, oldPath, reason);
        sink.End();
    }
}
