using System.Diagnostics;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <content>Renames: two halves with one cookie, and what to do where one is missing.</content>
internal sealed partial class TreeEngine
{
    private readonly List<PendingMove> _moves = [];

    private void OnMovedFrom(int directory, in TreeHint hint)
    {
        int child = _mirror.Find(directory, hint.Name);
        if (child == Mirror.None)
        {
            return;
        }

        bool ambiguous = (_mirror.DirectoryOf(directory).Flags & DirectoryFlags.Ambiguous) != 0;
        if (ambiguous
            && Look(directory, hint.TerminatedName, out FileStatus status) == Failure.None
            && IsSame(child, status))
        {
            // From before the listing: what is there now is what the listing found.
            return;
        }

        _moves.Add(new PendingMove(
            hint.Cookie, _mirror.Reference(directory), _mirror.Reference(child), Stopwatch.GetTimestamp()));
    }

    private void OnMovedTo(int directory, in TreeHint hint)
    {
        if (!TakeMove(hint.Cookie, out PendingMove move))
        {
            OnAppeared(directory, hint);
            return;
        }

        int node = move.Node.Id;
        int target = _mirror.Find(directory, hint.Name);
        if (target == node)
        {
            return;
        }

        if (_mirror.IsWithin(directory, node) || (target != Mirror.None && _mirror.IsWithin(node, target)))
        {
            // One end below the other, which no disk has: what the mirror has of them is out of date.
            NoteInconsistency();
            return;
        }

        bool found = Look(directory, hint.TerminatedName, out FileStatus status) == Failure.None;
        bool confirmed = found && _mirror[node].Identity == IdentityOf(status);
        if (found && !confirmed && target != Mirror.None && _mirror[target].Identity == IdentityOf(status))
        {
            OnTargetKnown(move, target, hint, status);
            return;
        }

        bool exchanged = target != Mirror.None && confirmed && IsAt(move.Directory.Id, _mirror.Name(node), target);
        EntryType replaced = EntryType.Unknown;
        if (target != Mirror.None)
        {
            replaced = exchanged ? replaced : _mirror[target].Type;
            RemoveContents(target);
            RemoveTree(target, tell: exchanged);
        }

        byte[] oldName = Terminated(_mirror.Name(node)).ToArray();
        MoveNode(node, directory, hint.Name, replaced);
        if (found && _mirror[node].Identity == 0 && _mirror[node].Type == status.Type)
        {
            Adopt(node, status, tell: false);
        }

        if (!confirmed || target != Mirror.None)
        {
            // The log alone cannot tell "a over b, then b to a" from an exchange of the two; the disk can.
            Touch(directory, hint.TerminatedName);
            Touch(move.Directory.Id, oldName);
        }

        if (exchanged)
        {
            // renameat2(RENAME_EXCHANGE): the other entry stands at the old place now.
            _ = Reconcile(move.Directory.Id, oldName);
        }
    }

    // What the disk has at the target is what the mirror has there already.
    private void OnTargetKnown(in PendingMove move, int target, in TreeHint hint, in FileStatus status)
    {
        int node = move.Node.Id;
        int directory = _mirror[target].Parent;
        if (_mirror[node].Identity != 0 && IsAt(_mirror[node].Parent, _mirror.Name(node), node))
        {
            // And the source is where the mirror has it: the second half of an exchange, or from before a listing.
            if ((_mirror[target].Flags & NodeFlags.LookedAtLate) != 0)
            {
                Tell(target, FileChangeKind.Modified);
            }

            return;
        }

        EntryType type = _mirror[node].Type;
        if (type != EntryType.Directory && type == _mirror[target].Type)
        {
            // The target was looked at after this rename and before its event.
            byte[] oldName = Terminated(_mirror.Name(node)).ToArray();
            RemoveTree(target, tell: false);
            MoveNode(node, directory, hint.Name, replaced: type);
            _mirror.SetIdentity(node, IdentityOf(status));
            TakeStatus(node, status);
            Touch(move.Directory.Id, oldName);
            return;
        }

        RemoveTree(node, tell: true);
        Touch(directory, hint.TerminatedName);
    }

    /// <summary>Gives a node its new place and tells it.</summary>
    private void MoveNode(int node, int directory, ReadOnlySpan<byte> name, EntryType replaced)
    {
        _writer.BeforeRename(node);
        _mirror.Move(node, directory, name);
        _writer.AfterRename(node, replaced);
        if (_mirror[node].Directory == Mirror.None)
        {
            return;
        }

        bool listed = (_mirror.DirectoryOf(node).Flags & DirectoryFlags.Listed) != 0;
        if (_options.HonourIgnoreFiles || !_filter.IsEmpty)
        {
            // Other rules may hold for everything in it at the new place.
            QueueScan(node, deep: true);
        }
        else if (!listed)
        {
            QueueScan(node, deep: false);
        }
    }

    // The kernel queues both halves of a rename while it holds the locks of both directories, so a later event of a
    // name in the first directory says that the second half, if there was to be one, would be here by now.
    private void ResolveMovesBefore(int directory, in TreeHint hint)
    {
        for (int i = _moves.Count - 1; i >= 0; i--)
        {
            PendingMove move = _moves[i];
            if (move.Directory.Id == directory && (hint.Kind != HintKind.MovedTo || hint.Cookie != move.Cookie))
            {
                _moves.RemoveAt(i);
                MoveOut(move);
            }
        }
    }

    // A half that stays alone left the tree. But who renames may be held up between the two, for as long as a busy
    // machine likes; so first it is made sure that he is not. Where that cannot be, a late second half is taken as new;
    // nothing is lost, only the word "renamed".
    private void ExpireMoves()
    {
        if (_moves.Count == 0)
        {
            return;
        }

        long now = Stopwatch.GetTimestamp();
        for (int i = _moves.Count - 1; i >= 0; i--)
        {
            PendingMove move = _moves[i];
            bool emptySince = _emptyAt > move.At;
            if (!emptySince)
            {
                continue;
            }

            if (move.IsMadeSureOf)
            {
                _moves.RemoveAt(i);
                MoveOut(move);
            }
            else if (Stopwatch.GetElapsedTime(move.At, now).TotalMilliseconds >= MoveTimeoutMs)
            {
                AwaitRename(move);
                _moves[i] = move with { At = Stopwatch.GetTimestamp(), IsMadeSureOf = true };
            }
        }
    }

    // By a listing of the directory, which waits for the lock that the rename holds until both halves are queued.
    private void AwaitRename(in PendingMove move)
    {
        const int Bytes = 512;
        if (IsInPlace(move) && OpenDirectory(move.Directory.Id, out _) is { } handle)
        {
            handle.Rewind();
            _ = handle.ReadEntries(_entryBuffer.AsSpan(0, Bytes), out _);
        }
    }

    private void MoveOut(in PendingMove move)
    {
        if (!IsInPlace(move))
        {
            return;
        }

        int directory = move.Directory.Id;
        ReadOnlySpan<byte> name = Terminated(_mirror.Name(move.Node.Id)).ToArray();
        RemoveTree(move.Node.Id, tell: true);
        Touch(directory, name);
    }

    private bool TakeMove(uint cookie, out PendingMove move)
    {
        int index = _moves.FindIndex(m => m.Cookie == cookie);
        if (index < 0)
        {
            move = default;
            return false;
        }

        move = _moves[index];
        _moves.RemoveAt(index);
        return IsInPlace(move);
    }

    private bool IsInPlace(in PendingMove move) =>
        _mirror.IsLive(move.Node) && _mirror.IsLive(move.Directory)
        && _mirror[move.Node.Id].Parent == move.Directory.Id;

    private bool IsAt(int directory, ReadOnlySpan<byte> name, int node) =>
        _mirror[node].Identity != 0
        && Look(directory, Terminated(name), out FileStatus status) == Failure.None
        && IdentityOf(status) == _mirror[node].Identity;
}
