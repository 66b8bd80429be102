using Vigil.Bus.Records;
using Vigil.Watching;

namespace Vigil.Bus.Trees;

/// <summary>
/// The last changes of a tree, in two histories of the same size: the changes themselves; and what renames moved along
/// or took the place of, an entry a record. So a rename of a very large directory is one change to those who see both
/// ends of it, and makes no change of the others go. Not thread-safe.
/// </summary>
internal sealed class TreeHistory(int maxBytes) : IRecordSink
{
    private ChangeHistory _changes = new(maxBytes);
    private ChangeHistory _listed = new(maxBytes);
    private ChangeHistory? _begun;

    /// <summary>How many records there are.</summary>
    internal int Count => _changes.Count + _listed.Count;

    /// <summary>Bytes of memory that it has taken.</summary>
    internal int CapacityBytes => _changes.CapacityBytes + _listed.CapacityBytes;

    /// <summary>Where the stream is before the first record.</summary>
    internal void StartAt(long number)
    {
        _changes.LastGone = number;
        _listed.LastGone = number;
    }

    /// <summary>Forgets all of it, and gives its memory back.</summary>
    /// <param name="number">Where the stream is.</param>
    internal void Forget(long number)
    {
        _changes = new ChangeHistory(maxBytes) { LastGone = number };
        _listed = new ChangeHistory(maxBytes) { LastGone = number };
    }

    /// <summary>Whether the changes after a number are kept. Takes no lock.</summary>
    internal bool Has(long number) => number >= _changes.LastGone;

    /// <summary>Chooses where the next record goes.</summary>
    internal TreeHistory For(FileChangeKind kind)
    {
        _begun = kind is FileChangeKind.Moved or FileChangeKind.Replaced ? _listed : _changes;
        return this;
    }

    public Span<byte> Begin(int bytes) => _begun!.Begin(bytes);

    public void End() => _begun!.End();

    /// <summary>A copy of what came after a number, to be looked through without holding anybody up.</summary>
    /// <param name="number">The last number that is not wanted; maybe one in the middle of a rename's group, and then
    /// the copy begins with the group.</param>
    /// <param name="through">Where the stream is.</param>
    /// <param name="withGroups">Whether what renames moved along is wanted.</param>
    /// <returns>The copy; null where changes are no longer kept.</returns>
    internal HistoryCopy? TryCopyAfter(long number, long through, bool withGroups)
    {
        if (number < _changes.LastGone || number > through)
        {
            return null;
        }

        byte[] changes = _changes.CopyAfter(number);
        if (!withGroups)
        {
            return new HistoryCopy(changes, ListedFrom: 0);
        }

        // Who stopped in the middle of a group needs all of it.
        long listedAfter = ChangeRecord.TryRead(changes, out ChangeRecord first)
            && first.Kind == (byte)FileChangeKind.Renamed && first.Extra != 0 && (long)first.Extra <= number
            ? (long)first.Extra - 1
            : number;
        byte[] listed = _listed.CopyAfter(listedAfter);
        return new HistoryCopy(listed.Length == 0 ? changes : Merge(listed, changes), _listed.LastGone + 1);
    }

    private static byte[] Merge(ReadOnlySpan<byte> listed, ReadOnlySpan<byte> changes)
    {
        byte[] all = new byte[listed.Length + changes.Length];
        int length = 0;
        while (length < all.Length)
        {
            bool hasListed = ChangeRecord.TryRead(listed, out ChangeRecord entry);
            bool hasChange = ChangeRecord.TryRead(changes, out ChangeRecord change);
            bool isListed = hasListed && (!hasChange || entry.Number < change.Number);
            ReadOnlySpan<byte> next = isListed ? entry.Bytes : change.Bytes;
            next.CopyTo(all.AsSpan(length));
            length += next.Length;
            if (isListed)
            {
                listed = listed[next.Length..];
            }
            else
            {
                changes = changes[next.Length..];
            }
        }

        return all;
    }
}
