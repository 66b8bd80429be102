using Vigil.Platform;
using Vigil.Watching;

namespace Vigil.Cli.Run.Changes;

/// <summary>
/// The changes since the last run, one for a path: what came and went is none, what was written through a new name and
/// a rename is a change of the old one. Not thread-safe.
/// </summary>
internal sealed class ChangeSet
{
    private readonly Dictionary<string, RunChange> _changes = new(StringComparer.Ordinal);

    /// <summary>How many there are.</summary>
    public int Count => _changes.Count;

    /// <summary>Whether some change may start a run.</summary>
    public bool HasTrigger => _changes.Values.Any(static change => !change.IsSilent);

    /// <summary>Whether somebody is writing to one of the files.</summary>
    public bool HasOpen => _changes.Values.Any(static change => change.IsOpen && !change.IsSilent);

    /// <summary>
    /// Whether all that happened is that one file, which was there before, was written and closed.
    /// </summary>
    public bool IsSingleSave => _changes.Count == 1
        && _changes.Values.First() is
        { Kind: FileChangeKind.Modified, IsOpen: false, IsMadeAgain: false, Type: EntryType.File };

    /// <summary>The changes, in no order.</summary>
    public IEnumerable<RunChange> All => _changes.Values;

    /// <summary>The changes in the order in which they happened last.</summary>
    public List<RunChange> InOrder() =>
        [.. _changes.Values.OrderBy(static change => change.Time).ThenBy(static c => c.Path, StringComparer.Ordinal)];

    /// <summary>Forgets all of them.</summary>
    public void Clear() => _changes.Clear();

    /// <summary>Forgets those that a predicate finds.</summary>
    public void RemoveWhere(Predicate<RunChange> isUnwanted)
    {
        foreach (RunChange change in _changes.Values.Where(change => isUnwanted(change)).ToList())
        {
            _changes.Remove(change.Path);
        }
    }

    /// <summary>Takes a change in.</summary>
    /// <param name="change">What the watcher tells.</param>
    /// <param name="countsClosed">Whether closing a file is a change of its own.</param>
    /// <returns>What the path came to; null where nothing is left to tell.</returns>
    public RunChange? Add(in FileChange change, bool countsClosed) => Add(
        change.Kind,
        PathText.FromBytes(change.PathBytes),
        PathText.FromBytes(change.OldPathBytes),
        change.Type,
        change.Time,
        countsClosed);

    /// <summary>Takes a change in.</summary>
    internal RunChange? Add(
        FileChangeKind kind, string path, string oldPath, EntryType type, DateTimeOffset time, bool countsClosed = true)
    {
        RunChange? result = kind switch
        {
            FileChangeKind.Created => Create(path, type),
            FileChangeKind.Modified => Write(path, type, isOpen: true),
            FileChangeKind.Closed => Close(path, type, countsClosed),
            FileChangeKind.Deleted => Delete(path, type),
            FileChangeKind.Renamed => Rename(oldPath, path, type),
            _ => Find(path) ?? Put(path, FileChangeKind.Metadata, type),
        };
        if (result is not null)
        {
            result.Time = time;
        }

        return result;
    }

    /// <summary>Takes a change in, unless there is one of its path.</summary>
    public void AddUnknown(RunChange change) => _changes.TryAdd(change.Path, change);

    /// <summary>What is known of the path of a change, or of the one that it had.</summary>
    public RunChange? Find(in FileChange change) => _changes.Count == 0
        ? null
        : Find(PathText.FromBytes(change.PathBytes)) ?? Find(PathText.FromBytes(change.OldPathBytes));

    private RunChange? Find(string path) => _changes.GetValueOrDefault(path);

    private RunChange Put(string path, FileChangeKind kind, EntryType type) =>
        _changes[path] = new RunChange { Path = path, Kind = kind, Type = type };

    private RunChange Create(string path, EntryType type)
    {
        bool isKnown = Find(path) is not null;
        RunChange change = Put(path, isKnown ? FileChangeKind.Modified : FileChangeKind.Created, type);
        change.IsMadeAgain = isKnown;
        return change;
    }

    private RunChange Write(string path, EntryType type, bool isOpen)
    {
        RunChange change = Find(path) is { Kind: not (FileChangeKind.Deleted or FileChangeKind.Metadata) } known
            ? known
            : Put(path, FileChangeKind.Modified, type);
        change.IsOpen = isOpen;
        change.IsMadeAgain = false;
        return change;
    }

    private RunChange? Close(string path, EntryType type, bool countsClosed)
    {
        if (!countsClosed && Find(path) is not { Kind: not FileChangeKind.Metadata })
        {
            return null;
        }

        return Write(path, type, isOpen: false);
    }

    private RunChange? Delete(string path, EntryType type)
    {
        RunChange? known = Find(path);
        if (known is not null)
        {
            _changes.Remove(path);
        }

        return known switch
        {
            { Kind: FileChangeKind.Created } => null,
            { Kind: FileChangeKind.Renamed, OldPath: { } old } => Put(old, FileChangeKind.Deleted, type),
            _ => Put(path, FileChangeKind.Deleted, type),
        };
    }

    private RunChange Rename(string old, string path, EntryType type)
    {
        RunChange? source = Find(old);
        _changes.Remove(old);
        if (type == EntryType.Directory)
        {
            MoveBelow(old + "/", path + "/");
        }

        bool isOpen = source?.IsOpen ?? false;
        RunChange result;
        if (source is { Kind: FileChangeKind.Created })
        {
            // A save by rename: the name it was written under is of no interest.
            result = Put(path, type == EntryType.File ? FileChangeKind.Modified : FileChangeKind.Created, type);
        }
        else if (source is { Kind: FileChangeKind.Renamed, OldPath: { } first } && first == path)
        {
            result = Put(path, FileChangeKind.Modified, type);
        }
        else
        {
            string origin = source is { Kind: FileChangeKind.Renamed, OldPath: { } earlier } ? earlier : old;
            result = Put(path, FileChangeKind.Renamed, type);
            result.OldPath = origin;
        }

        result.IsOpen = isOpen;
        return result;
    }

    private void MoveBelow(string from, string to)
    {
        List<RunChange> below =
            [.. _changes.Values.Where(change => change.Path.StartsWith(from, StringComparison.Ordinal))];
        foreach (RunChange change in below)
        {
            _changes.Remove(change.Path);
            change.Path = to + change.Path[from.Length..];
            _changes[change.Path] = change;
        }
    }
}
