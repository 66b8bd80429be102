using System.Collections;

namespace Vigil.Watching;

/// <summary>
/// The mirror of the watched trees at one moment, whole and consistent: parents come before their children.
/// Immutable, therefore safe on every thread.
/// </summary>
public sealed class TreeSnapshot : IReadOnlyList<TreeEntry>
{
    private readonly List<TreeEntry> _entries;

    internal TreeSnapshot(List<TreeEntry> entries, long sequence)
    {
        _entries = entries;
        Sequence = sequence;
    }

    /// <summary>The last change that the snapshot has in it; the changes after that one go on from here.</summary>
    public long Sequence { get; }

    /// <summary>The number of entries, the watched paths themselves included.</summary>
    public int Count => _entries.Count;

    /// <summary>The entry at an index.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    public TreeEntry this[int index] => _entries[index];

    /// <summary>Goes through the entries, parents first.</summary>
    /// <returns>An enumerator.</returns>
    public IEnumerator<TreeEntry> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
