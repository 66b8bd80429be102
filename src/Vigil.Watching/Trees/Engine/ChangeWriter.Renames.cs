namespace Vigil.Watching;

/// <content>Renames: two paths, and filters that may know only one of them.</content>
internal sealed partial class ChangeWriter
{
    private byte[] _oldPath = new byte[256];
    private int _oldLength;
    private bool _oldReported;

    /// <summary>Remembers where an entry is, before it is moved.</summary>
    internal void BeforeRename(int node)
    {
        int offset = WritePath(node, extraBytes: 0, out _oldLength, out int rootLength);
        Grow(ref _oldPath, _oldLength);
        _block.AsSpan(offset, _oldLength).CopyTo(_oldPath);
        _oldReported = IsReported(_oldPath.AsSpan(0, _oldLength), rootLength, _mirror[node].Type);
    }

    /// <summary>Tells a rename, after the move.</summary>
    /// <param name="node">The entry.</param>
    /// <param name="replaced">What was at its new path before, or Unknown.</param>
    internal void AfterRename(int node, EntryType replaced)
    {
        if (_filter.HasIncludes && _mirror[node].Type == EntryType.Directory)
        {
            RenameEach(node);
        }
        else
        {
            bool isReported = IsReportedNow(node);
            if (_oldReported && isReported)
            {
                ListMoved(node, replaced);
            }

            Rename(node, _oldPath.AsSpan(0, _oldLength), _oldReported, isReported, replaced);
        }
    }

    // What else a rename changes, for who asked for it: what it takes the place of, and all that moves along, children
    // first. So who tells on only one of the two places has seen everything when the rename itself comes.
    private void ListMoved(int top, EntryType replaced)
    {
        if (IsQuiet || _settler is not null)
        {
            return;
        }

        if (replaced != EntryType.Unknown && _kinds.HasFlag(FileChangeKinds.Replaced))
        {
            int offset = WritePath(top, extraBytes: 0, out int length, out _);
            _used += length;
            Send(new FileChange(
                FileChangeKind.Replaced, replaced, false, 0, TimeTicks, _block, offset, length, 0, null));
        }

        if (_mirror[top].Directory == Mirror.None || !_kinds.HasFlag(FileChangeKinds.Moved))
        {
            return;
        }

        int topLength = _mirror.PathLength(top);
        var nodes = new List<int>();
        for (int node = top; node != Mirror.None; node = _mirror.NextInWalk(node, top))
        {
            nodes.Add(node);
        }

        for (int i = nodes.Count - 1; i > 0; i--)
        {
            int oldLength = _oldLength + _mirror.PathLength(nodes[i]) - topLength;
            int offset = WritePath(nodes[i], oldLength, out int length, out _);
            Span<byte> old = _block.AsSpan(offset + length, oldLength);
            _oldPath.AsSpan(0, _oldLength).CopyTo(old);
            _block.AsSpan(offset + topLength, length - topLength).CopyTo(old[_oldLength..]);
            _used += length + oldLength;
            MirrorNode moved = _mirror[nodes[i]];
            Send(new FileChange(
                FileChangeKind.Moved,
                moved.Type,
                false,
                0,
                TimeTicks,
                _block,
                offset,
                length,
                oldLength,
                null,
                moved.Identity));
        }
    }

    // With includes, what is told of a directory says nothing of what is in it: each entry has two paths of its own,
    // and
    // the reader may know the old one, the new one, both or neither.
    private void RenameEach(int top)
    {
        int newLength = _mirror.PathLength(top);
        var nodes = new List<int>();
        for (int node = top; node != Mirror.None; node = _mirror.NextInWalk(node, top))
        {
            nodes.Add(node);
        }

        // What only the old path let pass goes first, the entries of a directory before it.
        for (int i = nodes.Count - 1; i >= 0; i--)
        {
            byte[] old = OldPathOf(nodes[i], newLength, out bool wasReported);
            if (wasReported && !IsReportedNow(nodes[i]))
            {
                Rename(nodes[i], old, wasReported: true, isReported: false, EntryType.Unknown);
            }
        }

        var moved = new HashSet<int>();
        foreach (int node in nodes)
        {
            byte[] old = OldPathOf(node, newLength, out bool wasReported);
            bool isReported = IsReportedNow(node);
            bool movedAlong = node != top && moved.Contains(_mirror[node].Parent);
            if (isReported && wasReported && _mirror[node].Type == EntryType.Directory)
            {
                moved.Add(node);
            }

            if (isReported && !(movedAlong && wasReported))
            {
                Rename(node, old, wasReported, isReported: true, EntryType.Unknown);
            }
        }
    }

    private byte[] OldPathOf(int node, int newTopLength, out bool wasReported)
    {
        byte[] now = new byte[_mirror.PathLength(node)];
        _mirror.WritePath(node, now);
        byte[] old = [.. _oldPath.AsSpan(0, _oldLength), .. now.AsSpan(newTopLength)];
        int root = _mirror.RootOf(node);

        wasReported = IsReported(old, _mirror[root].NameLength, _mirror[node].Type);
        return old;
    }

    private bool IsReportedNow(int node)
    {
        int offset = WritePath(node, extraBytes: 0, out int length, out int rootLength);
        return IsReported(_block.AsSpan(offset, length), rootLength, _mirror[node].Type);
    }

    private void Rename(int node, ReadOnlySpan<byte> old, bool wasReported, bool isReported, EntryType replaced)
    {
        if (isReported && !wasReported)
        {
            Entry(FileChangeKind.Created, node);
            return;
        }

        FileChangeKinds kind = isReported ? FileChangeKinds.Renamed : FileChangeKinds.Deleted;
        if (IsQuiet || !wasReported || (_kinds & kind) == 0)
        {
            return;
        }

        EntryType type = _mirror[node].Type;
        int offset = WritePath(node, old.Length, out int length, out _);
        old.CopyTo(_block.AsSpan(offset + length));
        _used += length + old.Length;
        FileChange change = isReported
            ? new FileChange(
                FileChangeKind.Renamed,
                type,
                false,
                0,
                TimeTicks,
                _block,
                offset,
                length,
                old.Length,
                null,
                _mirror[node].Identity)
            : new FileChange(
                FileChangeKind.Deleted, type, false, 0, TimeTicks, _block, offset + length, old.Length, 0, null);
        Push(change, replaced);
    }
}
