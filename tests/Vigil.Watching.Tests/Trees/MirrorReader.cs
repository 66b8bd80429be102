using System.Text;
using Vigil;
using Vigil.Watching;

namespace Vigil.Watching.Tests;

/// <summary>
/// A reader that knows nothing but the contract: it starts from a snapshot, or from the entries told at the start, and applies
/// every change. What it holds must be the tree. Paths are kept as Latin-1, which keeps every byte.
/// </summary>
internal sealed class MirrorReader
{
    private readonly Dictionary<string, EntryType> _entries = new(StringComparer.Ordinal);

    private readonly List<string> _faults = [];

    /// <summary>Changes that no reader should get: a creation of what it has, a change of what it has not.</summary>
    internal IReadOnlyList<string> Faults => _faults;

    internal long LastSequence { get; private set; }

    internal int Overflows { get; private set; }

    internal int Renames { get; private set; }

    internal List<string> Log { get; } = [];

    internal void Apply(in FileChange change)
    {
        string path = Encoding.Latin1.GetString(change.PathBytes);
        Log.Add(change.Kind == FileChangeKind.Renamed
            ? $"{change.Kind} {Encoding.Latin1.GetString(change.OldPathBytes)} -> {path} {change.Type}"
            : $"{change.Kind} {path} {change.Type} {change.Notice?.Reason}");
        if (change.Sequence != LastSequence + 1)
        {
            _faults.Add($"sequence {change.Sequence} after {LastSequence}");
        }

        LastSequence = change.Sequence;
        switch (change.Kind)
        {
            case FileChangeKind.Created:
                if (!_entries.TryAdd(path, change.Type))
                {
                    _faults.Add($"#{change.Sequence} created twice: {path}");
                }

                break;
            case FileChangeKind.Deleted:
                if (!_entries.Remove(path))
                {
                    _faults.Add($"#{change.Sequence} deleted, never created: {path}");
                }

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
        }
    }

    internal void Start(TreeSnapshot snapshot)
    {
        foreach (TreeEntry entry in snapshot)
        {
            _entries[Encoding.Latin1.GetString(entry.PathBytes)] = entry.Type;
        }
    }

    /// <summary>The differences between what this reader holds and what is on the disk, a line each.</summary>
    internal List<string> DifferencesFrom(string root)
    {
        Dictionary<string, EntryType> disk = DiskWalk.Read(root);
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

        differences.AddRange(_entries.Keys.Where(path => !disk.ContainsKey(path)).Select(path => $"only in the mirror: {path}"));
        return differences;
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

    private List<string> Within(string path) =>
        _entries.Keys.Where(p => p == path || p.StartsWith(path + "/", StringComparison.Ordinal)).ToList();
}
