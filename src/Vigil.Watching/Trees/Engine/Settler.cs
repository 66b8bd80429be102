using System.Diagnostics;

namespace Vigil.Watching;

/// <summary>
/// Holds the changes of a path back until the path has been quiet for a while, and then tells one: what all of them came to.
/// Not thread-safe.
/// </summary>
/// <remarks>
/// Implementation notes. The list is in the order of the last change, which is also the order of becoming due. That order
/// tells what was deleted below a directory before the directory. A directory that waits to be told as created is told
/// before anything in it. A rename of something that the reader knows first tells what waits at or below both of its paths,
/// then itself, at once: a name cannot be held back without holding back everything that refers to it.
/// </remarks>
internal sealed class Settler(TimeSpan quiet)
{
    private readonly LinkedList<Waiting> _order = new();

    private readonly Dictionary<byte[], LinkedListNode<Waiting>> _byPath = new(PathComparer.Instance);

    /// <summary>What waits at a path.</summary>
    private enum Sum
    {
        Metadata,
        Closed,
        Modified,
        Created,
        Deleted,
        Replaced,
    }

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

    /// <summary>Takes a change.</summary>
    /// <param name="change">The change, without a number yet.</param>
    /// <param name="replaced">With a rename: whether something was at the new path.</param>
    /// <param name="writer">Takes what is told at once.</param>
    internal void Add(in FileChange change, bool replaced, ChangeWriter writer)
    {
        switch (change.Kind)
        {
            case FileChangeKind.Created:
                AddCreated(change);
                break;
            case FileChangeKind.Deleted:
                AddDeleted(change);
                break;
            case FileChangeKind.Renamed:
                AddRenamed(change, replaced, writer);
                break;
            case FileChangeKind.Modified:
                AddContent(change, Sum.Modified);
                break;
            case FileChangeKind.Closed:
                AddContent(change, Sum.Closed);
                break;
            case FileChangeKind.Metadata:
                AddContent(change, Sum.Metadata);
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

    private void AddCreated(in FileChange change)
    {
        Sum sum = Find(change.PathBytes) is not { } known ? Sum.Created
            : known.Value.Sum == Sum.Created ? Sum.Created
            : change.Type == EntryType.File && known.Value.Change.Type == EntryType.File ? Sum.Modified
            : Sum.Replaced;
        Put(change, sum);
    }

    private void AddDeleted(in FileChange change)
    {
        if (Find(change.PathBytes) is { Value.Sum: Sum.Created } known)
        {
            Take(known);
        }
        else
        {
            Put(change, Sum.Deleted);
        }
    }

    private void AddContent(in FileChange change, Sum sum)
    {
        Sum before = Find(change.PathBytes)?.Value.Sum ?? sum;
        Put(change, before > sum ? before : sum);
    }

    private void AddRenamed(in FileChange change, bool replaced, ChangeWriter writer)
    {
        LinkedListNode<Waiting>? source = Find(change.OldPathBytes);
        if (source is { Value.Sum: Sum.Created } && change.Type != EntryType.Directory)
        {
            // The reader does not know the old path: a save by rename is a change of the new one.
            Take(source);
            LinkedListNode<Waiting>? target = Find(change.PathBytes);
            bool isKnown = target is null ? replaced : target.Value.Sum != Sum.Created;
            Put(change.AsKind(FileChangeKind.Created), isKnown ? Sum.Modified : Sum.Created);
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
            ReadOnlySpan<byte> other = node.Value.Path;
            if (other.StartsWith(path) && (other.Length == path.Length || other[path.Length] == '/'))
            {
                Tell(node, writer);
                next = _order.First;
            }
        }
    }

    private void Tell(LinkedListNode<Waiting> node, ChangeWriter writer)
    {
        Waiting waiting = node.Value;
        TellParents(waiting.Path, writer);
        Take(node);
        switch (waiting.Sum)
        {
            case Sum.Replaced:
                writer.Send(waiting.Change.AsKind(FileChangeKind.Deleted));
                writer.Send(waiting.Change.AsKind(FileChangeKind.Created));
                break;
            case Sum.Created:
                writer.Send(waiting.Change.AsKind(FileChangeKind.Created));
                break;
            case Sum.Deleted:
                writer.Send(waiting.Change.AsKind(FileChangeKind.Deleted));
                break;
            case Sum.Modified:
                writer.Send(waiting.Change.AsKind(FileChangeKind.Modified));
                break;
            default:
                writer.Send(waiting.Change.AsKind(
                    waiting.Sum == Sum.Closed ? FileChangeKind.Closed : FileChangeKind.Metadata));
                break;
        }
    }

    // What is told as created must come before everything in it; outer directories first.
    private void TellParents(ReadOnlySpan<byte> path, ChangeWriter writer)
    {
        int slash = path.LastIndexOf((byte)'/');
        if (slash > 0 && Find(path[..slash]) is { Value.Sum: Sum.Created or Sum.Replaced } parent)
        {
            Tell(parent, writer);
        }
        else if (slash > 0)
        {
            TellParents(path[..slash], writer);
        }
    }

    private LinkedListNode<Waiting>? Find(ReadOnlySpan<byte> path) =>
        _byPath.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(path, out LinkedListNode<Waiting>? node) ? node : null;

    private void Put(in FileChange change, Sum sum)
    {
        if (Find(change.PathBytes) is { } known)
        {
            Take(known);
        }

        var waiting = new Waiting(change.PathBytes.ToArray(), change, sum, Stopwatch.GetTimestamp());
        _byPath[waiting.Path] = _order.AddLast(waiting);
    }

    private void Take(LinkedListNode<Waiting> node)
    {
        _order.Remove(node);
        _byPath.Remove(node.Value.Path);
    }

    private sealed record Waiting(byte[] Path, FileChange Change, Sum Sum, long At);
}
