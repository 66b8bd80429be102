using System.Diagnostics;

namespace Vigil.Watching;

/// <summary>
/// Holds the changes of a path back until the path has been quiet for a while, and then tells one: what all of them came to.
/// Not thread-safe.
/// </summary>
/// <remarks>
/// Implementation notes. The list is in the order of the last change, which is also the order of becoming due. What waits
/// at a path knows what the reader has there and what is there now; telling makes the one the other. Two rules keep the
/// reader's tree a tree: a directory that the reader has not yet is told before anything in it; and before a directory is
/// told as deleted, so is everything in it that the reader has, even where something of that name is there again. A rename
/// of something that the reader knows first tells what waits at or below both of its paths, then itself, at once: a name
/// cannot be held back without holding back everything that refers to it.
/// </remarks>
internal sealed class Settler(TimeSpan quiet)
{
    private readonly LinkedList<Waiting> _order = new();

    private readonly Dictionary<byte[], LinkedListNode<Waiting>> _byPath = new(PathComparer.Instance);

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

    /// <summary>What the reader has and the tree has no more.</summary>
    internal IEnumerable<(byte[] Path, EntryType Type)> Deleted =>
        from waiting in _order
        where waiting.Before is not null && !waiting.IsThere
        orderby waiting.Path.Length
        select (waiting.Path, waiting.Before!.Value);

    /// <summary>Whether the path waits, and then what the reader has there, if anything.</summary>
    internal bool IsWaiting(ReadOnlySpan<byte> path, out EntryType? before)
    {
        LinkedListNode<Waiting>? node = Find(path);
        before = node?.Value.Before;
        return node is not null;
    }

    /// <summary>Takes a change.</summary>
    /// <param name="change">The change, without a number yet.</param>
    /// <param name="replaced">With a rename: what was at the new path, if anything.</param>
    /// <param name="writer">Takes what is told at once.</param>
    internal void Add(in FileChange change, EntryType? replaced, ChangeWriter writer)
    {
        switch (change.Kind)
        {
            case FileChangeKind.Created:
                Appear(change, Find(change.PathBytes)?.Value.Before);
                break;
            case FileChangeKind.Deleted:
                Disappear(change);
                break;
            case FileChangeKind.Renamed:
                AddRenamed(change, replaced, writer);
                break;
            case FileChangeKind.Modified or FileChangeKind.Closed or FileChangeKind.Metadata:
                AddContent(change);
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

    // A file in the place of a file is a modification; anything else is told as a deletion and a creation.
    private void Appear(in FileChange change, EntryType? before) => Put(new Waiting(change)
    {
        Before = before,
        IsThere = true,
        IsAnother = before is not null && (before != EntryType.File || change.Type != EntryType.File),
        Kind = FileChangeKind.Modified,
    });

    private void Disappear(in FileChange change)
    {
        LinkedListNode<Waiting>? known = Find(change.PathBytes);
        if (known is { Value.Before: null })
        {
            Take(known);
            return;
        }

        Put(new Waiting(change) { Before = known?.Value.Before ?? change.Type });
    }

    private void AddContent(in FileChange change)
    {
        if (Find(change.PathBytes)?.Value is not { } known)
        {
            Put(new Waiting(change) { Before = change.Type, IsThere = true, Kind = change.Kind });
            return;
        }

        Put(new Waiting(change)
        {
            Before = known.Before,
            IsThere = true,
            IsAnother = known.IsAnother,
            Kind = known.Kind < change.Kind ? known.Kind : change.Kind,
        });
    }

    private void AddRenamed(in FileChange change, EntryType? replaced, ChangeWriter writer)
    {
        LinkedListNode<Waiting>? source = Find(change.OldPathBytes);
        LinkedListNode<Waiting>? target = Find(change.PathBytes);
        EntryType? before = target is null ? replaced : target.Value.Before;
        bool overDirectory = replaced == EntryType.Directory || before == EntryType.Directory;
        if (source is { Value.Before: null } && change.Type != EntryType.Directory && !overDirectory)
        {
            // The reader does not know the old path: a save by rename is a change of the new one.
            Take(source);
            Appear(change.AsKind(FileChangeKind.Created), before);
            return;
        }

        ReleaseWithin(change.OldPathBytes, writer);
        ReleaseWithin(change.PathBytes, writer);
        TellParents(change.PathBytes, writer);
        writer.Send(change);
    }

    private void ReleaseWithin(ReadOnlySpan<byte> path, ChangeWriter writer)
    {
        LinkedListNode<Waiting>? next;
        for (LinkedListNode<Waiting>? node = _order.First; node is not null; node = next)
        {
            next = node.Next;
            if (IsWithin(node.Value.Path, path))
            {
                Tell(node, writer);
                next = _order.First;
            }
        }
    }

    private void Tell(LinkedListNode<Waiting> node, ChangeWriter writer)
    {
        Waiting waiting = node.Value;
        if (waiting.IsThere)
        {
            TellParents(waiting.Path, writer);
        }

        if (waiting is { Before: EntryType.Directory } and ({ IsThere: false } or { IsAnother: true }))
        {
            TellDeletedBelow(waiting.Path, writer);
        }

        Take(node);
        if (waiting.Before is { } before && (!waiting.IsThere || waiting.IsAnother))
        {
            writer.Send(waiting.Change.AsKind(FileChangeKind.Deleted, before));
        }

        if (waiting.IsThere)
        {
            bool isNew = waiting.Before is null || waiting.IsAnother;
            writer.Send(waiting.Change.AsKind(isNew ? FileChangeKind.Created : waiting.Kind));
        }
    }

    // Innermost first. What is there again waits on, as something new.
    private void TellDeletedBelow(byte[] directory, ChangeWriter writer)
    {
        List<LinkedListNode<Waiting>> below = [];
        for (LinkedListNode<Waiting>? node = _order.First; node is not null; node = node.Next)
        {
            if (node.Value.Before is not null && node.Value.Path.Length > directory.Length
                && IsWithin(node.Value.Path, directory))
            {
                below.Add(node);
            }
        }

        foreach (LinkedListNode<Waiting> node in below.OrderByDescending(n => n.Value.Path.Length))
        {
            writer.Send(node.Value.Change.AsKind(FileChangeKind.Deleted, node.Value.Before!.Value));
            node.Value.Before = null;
            node.Value.IsAnother = false;
            if (!node.Value.IsThere)
            {
                Take(node);
            }
        }
    }

    // What is told as created must come before everything in it; outer directories first.
    private void TellParents(ReadOnlySpan<byte> path, ChangeWriter writer)
    {
        int slash = path.LastIndexOf((byte)'/');
        if (slash <= 0)
        {
            return;
        }

        if (Find(path[..slash]) is { Value.IsThere: true } parent && (parent.Value.Before is null || parent.Value.IsAnother))
        {
            Tell(parent, writer);
        }
        else
        {
            TellParents(path[..slash], writer);
        }
    }

    private static bool IsWithin(ReadOnlySpan<byte> path, ReadOnlySpan<byte> top) =>
        path.StartsWith(top) && (path.Length == top.Length || path[top.Length] == '/');

    private LinkedListNode<Waiting>? Find(ReadOnlySpan<byte> path) =>
        _byPath.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(path, out LinkedListNode<Waiting>? node) ? node : null;

    private void Put(Waiting waiting)
    {
        if (Find(waiting.Path) is { } known)
        {
            Take(known);
        }

        _byPath[waiting.Path] = _order.AddLast(waiting);
    }

    private void Take(LinkedListNode<Waiting> node)
    {
        _order.Remove(node);
        _byPath.Remove(node.Value.Path);
    }

    private sealed class Waiting(in FileChange change)
    {
        internal byte[] Path { get; } = change.PathBytes.ToArray();

        /// <summary>The last change, which gives the time and the present type.</summary>
        internal FileChange Change { get; } = change;

        internal long At { get; } = Stopwatch.GetTimestamp();

        /// <summary>What the reader has at the path; null where it has nothing.</summary>
        internal EntryType? Before { get; set; }

        /// <summary>Whether there is something at the path now.</summary>
        internal bool IsThere { get; init; }

        /// <summary>Whether what is there is not what the reader has, and not just a change of its content.</summary>
        internal bool IsAnother { get; set; }

        /// <summary>Where the reader has it already: what changed, the strongest of all.</summary>
        internal FileChangeKind Kind { get; init; }
    }
}
