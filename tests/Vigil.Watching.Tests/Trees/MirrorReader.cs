using System.Globalization;
using System.Text;

namespace Vigil.Watching.Tests;

/// <summary>
/// A reader that knows nothing but the contract: it starts from a snapshot, or from the entries told at the start, and
/// applies every change. What it holds must be the tree. Paths are kept as Latin-1, which keeps every byte.
/// </summary>
internal sealed class MirrorReader
{
    private readonly Dictionary<string, EntryType> _entries = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];
    private readonly List<FileChange> _changes = [];
    private long _snapshotSequence;
    private long _lastSequence;

    /// <summary>Changes that no reader should get: a creation of what it has, a change of what it has not.</summary>
    internal IReadOnlyList<string> Faults => _faults;

    /// <summary>The number of the last change that was read; any thread may ask.</summary>
    internal long LastSequence => Volatile.Read(ref _lastSequence);

    internal int Overflows { get; private set; }

    internal int Rescans { get; private set; }

    internal int Renames { get; private set; }

    /// <summary>How many entries it holds.</summary>
    internal int Count => _entries.Count;

    internal IReadOnlyList<FileChange> Changes => _changes;

    /// <summary>Whether every change is kept; not for readers that read for long.</summary>
    internal bool KeepsChanges { get; init; } = true;

    /// <summary>What it holds.</summary>
    internal IReadOnlyDictionary<string, EntryType> Entries => _entries;

    /// <summary>Begins with what another reader held.</summary>
    internal void Restore(string path, EntryType type) => _entries[path] = type;

    /// <summary>Begins with a snapshot; the changes that are in it already are passed over when they come.</summary>
    internal void Start(TreeSnapshot snapshot)
    {
        _snapshotSequence = snapshot.Sequence;
        foreach (TreeEntry entry in snapshot)
        {
            string path = Encoding.Latin1.GetString(entry.PathBytes);
            if (!_entries.TryAdd(path, entry.Type))
            {
                _faults.Add($"twice in the snapshot: {path}");
            }
        }
    }

    /// <summary>Reads until the watcher ends.</summary>
    /// <param name="watcher">The watcher.</param>
    /// <param name="beforeEach">Called before each change, to hold a reader up.</param>
    internal async Task ReadAsync(TreeWatcher watcher, Action? beforeEach = null)
    {
        await foreach (FileChange change in watcher.ReadAllAsync())
        {
            beforeEach?.Invoke();
            Apply(change);
        }
    }

    /// <summary>Leaves out a path that is not watched any more.</summary>
    internal void Forget(string path) => Drop(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(path)));

    internal void Apply(in FileChange change)
    {
        if (KeepsChanges)
        {
            _changes.Add(change);
        }

        if (change.Sequence != _lastSequence + 1)
        {
            _faults.Add($"sequence {change.Sequence} after {_lastSequence}");
        }

        if (change.Sequence > _snapshotSequence)
        {
            Move(change);
        }

        Volatile.Write(ref _lastSequence, change.Sequence);
    }

    /// <summary>The differences between what this reader holds and what is on the disk, a line each.</summary>
    internal List<string> DifferencesFrom(Dictionary<string, EntryType> disk)
    {
        var differences = new List<string>();
        foreach ((string path, EntryType type) in disk)
        {
            if (!_entries.TryGetValue(path, out EntryType held))
            {
                differences.Add($"missing in the mirror: {path} ({type})");
            }
            else if (held != type)
            {
                differences.Add($"mirror says {held}, disk says {type}: {path}");
            }
        }

        differences.AddRange(
            from path in _entries.Keys where !disk.ContainsKey(path) select $"only in the mirror: {path}");
        return differences;
    }

    /// <summary>One line for each change that was read.</summary>
    internal IEnumerable<string> Log() => _changes.Select(Line);

    private static string Line(FileChange change)
    {
        string path = Encoding.Latin1.GetString(change.PathBytes);
        string old = change.Kind == FileChangeKind.Renamed
            ? Encoding.Latin1.GetString(change.OldPathBytes) + " -> " : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{change.Sequence} {change.Time:ss.ffffff} {change.Kind} {change.Type} {old}{path} "
            + $"{change.Notice?.Reason}");
    }

    private void Move(in FileChange change)
    {
        string path = Encoding.Latin1.GetString(change.PathBytes);
        switch (change.Kind)
        {
            case FileChangeKind.Created:
                Create(path, change);
                break;
            case FileChangeKind.Deleted:
                Delete(path, change);
                break;
            case FileChangeKind.Renamed:
                Renames++;
                Rename(Encoding.Latin1.GetString(change.OldPathBytes), path, change.Sequence);
                break;
            case FileChangeKind.Modified or FileChangeKind.Closed or FileChangeKind.Metadata:
                if (!_entries.ContainsKey(path))
                {
                    _faults.Add($"#{change.Sequence} {change.Kind} of what is not there: {path}");
                }

                break;
            case FileChangeKind.Gone:
                Drop(path);
                break;
            case FileChangeKind.Overflowed:
                Overflows++;
                break;
            case FileChangeKind.Rescanned:
                Rescans++;
                break;
            case FileChangeKind.Fresh:
                _entries.Clear();
                break;
        }
    }

    private void Create(string path, in FileChange change)
    {
        if (!_entries.TryAdd(path, change.Type))
        {
            _faults.Add($"#{change.Sequence} created twice: {path}");
        }

        // Parents come before children; the parent of a root is not told of, and neither is what no include takes in.
        string parent = path[..Math.Max(0, path.LastIndexOf('/'))];
        if (_entries.TryGetValue(parent, out EntryType type) && type != EntryType.Directory)
        {
            _faults.Add($"#{change.Sequence} created in what is a {type}: {path}");
        }
    }

    private void Delete(string path, in FileChange change)
    {
        if (!_entries.Remove(path, out EntryType type))
        {
            _faults.Add($"#{change.Sequence} deleted, never created: {path}");
        }
        else if (type == EntryType.Directory && Within(path) is [var left, ..])
        {
            _faults.Add($"#{change.Sequence} deleted before what is in it: {path}, {left}");
        }
    }

    private void Rename(string from, string to, long sequence)
    {
        if (!_entries.ContainsKey(from))
        {
            _faults.Add($"#{sequence} renamed, never created: {from}");
            return;
        }

        Drop(to);
        foreach (string path in Within(from))
        {
            _entries.Remove(path, out EntryType type);
            _entries[to + path[from.Length..]] = type;
        }
    }

    private void Drop(string path)
    {
        foreach (string within in Within(path))
        {
            _entries.Remove(within);
        }
    }

    private List<string> Within(string path)
    {
        var within = new List<string>();
        foreach (string key in _entries.Keys)
        {
            if (key.StartsWith(path, StringComparison.Ordinal)
                && (key.Length == path.Length || key[path.Length] == '/'))
            {
                within.Add(key);
            }
        }

        return within;
    }
}
