using System.Diagnostics;

namespace Vigil.Watching;

/// <summary>
/// Holds the changes of a path back until the path has been quiet for a while, and then tells one: what all of them
/// came to.
/// Not thread-safe.
/// </summary>
/// <remarks>
/// Implementation notes. For each path that waits, two things are kept: what the reader has there, and what is there
/// now;
/// what is told in the end is the difference. Whatever other paths depend on is not held back: the removal of a
/// directory, a
/// change of type, a rename of something that the reader knows. Before such a change is told, so is everything that
/// waits at
/// or below its paths. A directory that waits as created is told before anything in it. The list is in the order of
/// the last
/// change, which is the order of becoming due.
/// </remarks>
internal sealed class Settler(TimeSpan quiet)
{
    private readonly LinkedList<Waiting> _order = new();

    private readonly Dictionary<byte[], LinkedListNode<Waiting>> _byPath = new(PathComparer.Instance);

    private readonly SortedSet<byte[]> _sorted = new(PathComparer.Instance);
    private long _number;

    internal bool IsEmpty => _order.Count == 0;

    /// <summary>Milliseconds until the next is due, or -1.</summary>
    internal int DelayMs
    {
        get
        {
            if (_order.First is not { } first)
            {
                return -1;
            }

            TimeSpan left = quiet - Stopwatch.GetElapsedTime(first.Value.At);
            return left <= TimeSpan.Zero ? 0 : (int)Math.Ceiling(Math.Min(left.TotalMilliseconds, int.MaxValue));
        }
    }

    /// <summary>What the reader has and the tree has no more; what holds others comes before them.</summary>
    internal IEnumerable<(byte[] Path, EntryType Type)> Deleted =>
        from waiting in _order
        where waiting.Change.Kind == FileChangeKind.Deleted
        orderby waiting.Path.Length
        select (waiting.Path, waiting.Known);

    /// <summary>Whether a change of the path waits, and then what the reader has there; Unknown for nothing.</summary>
    internal bool IsWaiting(ReadOnlySpan<byte> path, out EntryType known)
    {
        LinkedListNode<Waiting>? waiting = Find(path);
        known = waiting?.Value.Known ?? EntryType.Unknown;
        return waiting is not null;
    }

    /// <summary>Takes a change.</summary>
    /// <param name="change">The change, without a number yet.</param>
    /// <param name="replaced">With a rename: what was at the new path and is no more; Unknown for nothing.</param>
    /// <param name="writer">Takes what is told at once.</param>
    internal void Add(in FileChange change, EntryType replaced, ChangeWriter writer)
    {
        switch (change.Kind)
        {
            case FileChangeKind.Created:
                Appear(change, Find(change.PathBytes)?.Value.Known ?? EntryType.Unknown, writer);
                break;
            case FileChangeKind.Deleted:
                Vanish(change, writer);
                break;
            case FileChangeKind.Renamed:
                Rename(change, replaced, writer);
                break;
            case FileChangeKind.Modified or FileChangeKind.Closed or FileChangeKind.Metadata:
                Content(change);
                break;
            default:
                ReleaseAll(writer);
                writer.Send(change);
                break;
        }
    }

    /// <summary>Tells what has been quiet for long enough.</summary>
    internal void Release(ChangeWriter writer)
    {
        while (_order.First is { } first && Stopwatch.GetElapsedTime(first.Value.At) >= quiet)
        {
            Tell(first, writer);
        }
    }

    /// <summary>Tells everything that waits.</summary>
    internal void ReleaseAll(ChangeWriter writer)
    {
        while (_order.First is { } first)
        {
            Tell(first, writer);
        }
    }

    // Something is at a path where the reader has `known`, or nothing.
    private void Appear(in FileChange change, EntryType known, ChangeWriter writer)
    {
        if (known != EntryType.Unknown && (known != change.Type || known == EntryType.Directory))
        {
            // What was in it, if it was a directory, is told first.
            Drop(change.PathBytes);
            ReleaseWithin(change.PathBytes, writer);
            TellParents(change.PathBytes, writer);
            writer.Send(change.AsKind(FileChangeKind.Deleted, known));
            known = EntryType.Unknown;
        }

        bool isNew = known == EntryType.Unknown;
        Put(change.AsKind(isNew ? FileChangeKind.Created : FileChangeKind.Modified), known);
    }

    private void Vanish(in FileChange change, ChangeWriter writer)
    {
        LinkedListNode<Waiting>? waiting = Find(change.PathBytes);
        if (waiting is { Value.Known: EntryType.Unknown })
        {
            // The reader never heard of it, nor of anything in it: that went before.
            Take(waiting);
        }
        else if (change.Type == EntryType.Directory)
        {
            Drop(change.PathBytes);
            ReleaseWithin(change.PathBytes, writer);
            writer.Send(change);
        }
        else
        {
            Put(change, change.Type);
        }
    }

    private void Content(in FileChange change)
    {
        if (Find(change.PathBytes) is not { } waiting)
        {
            Put(change, change.Type);
            return;
        }

        // Created says the most, metadata the least.
        FileChangeKind before = waiting.Value.Change.Kind;
        FileChangeKind kind = before < change.Kind ? before : change.Kind;
        Put(change.AsKind(kind), waiting.Value.Known);
    }

    private void Rename(in FileChange change, EntryType replaced, ChangeWriter writer)
    {
        LinkedListNode<Waiting>? source = Find(change.OldPathBytes);
        if (source is { Value.Known: EntryType.Unknown } && change.Type != EntryType.Directory)
        {
            // The reader does not know the old path: a save by rename is a change of the new one.
            Take(source);
            LinkedListNode<Waiting>? target = Find(change.PathBytes);
            Appear(change.AsKind(FileChangeKind.Created), target?.Value.Known ?? replaced, writer);
            return;
        }

        ReleaseWithin(change.OldPathBytes, writer);
        ReleaseWithin(change.PathBytes, writer);
        TellParents(change.PathBytes, writer);
        writer.Send(change);
    }

    // What waits at a path and below it, in the order of the list. The sorted paths make it a range: a slash and what
    // follows it in the order of bytes, '0', enclose what lies below.
    private void ReleaseWithin(ReadOnlySpan<byte> path, ChangeWriter writer)
    {
        var found = new List<Waiting>();
        if (Find(path) is { } itself)
        {
            found.Add(itself.Value);
        }

        byte[] first = [.. path, (byte)'/'];
        byte[] end = [.. path, (byte)'/' + 1];
        foreach (byte[] below in _sorted.GetViewBetween(first, end))
        {
            // The end is a path that may itself be waiting, and is part of the view.
            if (!below.AsSpan().SequenceEqual(end) && _byPath.TryGetValue(below, out LinkedListNode<Waiting>? waiting))
            {
                found.Add(waiting.Value);
            }
        }

        found.Sort((a, b) => a.Number.CompareTo(b.Number));
        foreach (Waiting waiting in found)
        {
            // One may have been told before another, as its parent.
            if (_byPath.TryGetValue(waiting.Path, out LinkedListNode<Waiting>? node)
                && node.Value.Number == waiting.Number)
            {
                Tell(node, writer);
            }
        }
    }

    private void Tell(LinkedListNode<Waiting> node, ChangeWriter writer)
    {
        TellParents(node.Value.Path, writer);
        Take(node);
        writer.Send(node.Value.Change);
    }

    // What is told as created must come before everything in it; outer directories first.
    private void TellParents(ReadOnlySpan<byte> path, ChangeWriter writer)
    {
        int slash = path.LastIndexOf((byte)'/');
        if (slash <= 0)
        {
            return;
        }

        if (Find(path[..slash]) is { Value.Known: EntryType.Unknown } parent)
        {
            Tell(parent, writer);
        }
        else
        {
            TellParents(path[..slash], writer);
        }
    }

    private LinkedListNode<Waiting>? Find(ReadOnlySpan<byte> path) =>
        _byPath.GetAlternateLookup<ReadOnlySpan<byte>>()
            .TryGetValue(path, out LinkedListNode<Waiting>? node) ? node : null;

    private void Put(in FileChange change, EntryType known)
    {
        Drop(change.PathBytes);
        var waiting = new Waiting(change.PathBytes.ToArray(), change, known, Stopwatch.GetTimestamp(), ++_number);
        _sorted.Add(waiting.Path);
        _byPath[waiting.Path] = _order.AddLast(waiting);
    }

    private void Drop(ReadOnlySpan<byte> path)
    {
        if (Find(path) is { } known)
        {
            Take(known);
        }
    }

    private void Take(LinkedListNode<Waiting> node)
    {
        _order.Remove(node);
        _byPath.Remove(node.Value.Path);
        _sorted.Remove(node.Value.Path);
    }

    /// <summary>A path that is not quiet yet.</summary>
    /// <param name="Path">The path.</param>
    /// <param name="Change">What will be told of it.</param>
    /// <param name="Known">What the reader has there; Unknown for nothing.</param>
    /// <param name="At">When it changed last, in Stopwatch ticks.</param>
    /// <param name="Number">Its place in the order.</param>
    private sealed record Waiting(byte[] Path, FileChange Change, EntryType Known, long At, long Number);
}
