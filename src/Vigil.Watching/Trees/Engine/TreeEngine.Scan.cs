using System.Diagnostics;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <content>Listings: watch first, list after, tell the difference. New trees, overflows and polling all come through
/// here.</content>
internal sealed partial class TreeEngine
{
    private const int UnlookedSliceMs = 5;

    private readonly Stack<(NodeRef Node, bool Deep)> _toScan = new();
    private readonly Queue<(NodeRef Node, long At)> _ambiguous = new();
    private readonly Queue<NodeRef> _unlooked = new();
    private NodeRef? _unlookedNext;
    private readonly byte[] _entryBuffer = GC.AllocateUninitializedArray<byte>(32 << 10);

    private bool NeedsListing(int node)
    {
        if (_mirror[node].Directory == Mirror.None || !MayEnter(node))
        {
            return false;
        }

        ref MirrorDirectory directory = ref _mirror.DirectoryOf(node);
        bool isCared = directory.Watch != Mirror.None
            || (directory.Flags & DirectoryFlags.Polled) != 0;
        return (directory.Flags & DirectoryFlags.Listed) == 0 || !isCared;
    }

    private bool MayEnter(int node) => _options.Recursive || _mirror[node].Parent == Mirror.None;

    private void QueueScan(int node, bool deep)
    {
        if (!MayEnter(node))
        {
            return;
        }

        ref MirrorDirectory directory = ref _mirror.DirectoryOf(node);
        if ((directory.Flags & DirectoryFlags.Queued) == 0 || deep)
        {
            directory.Flags |= DirectoryFlags.Queued;
            _toScan.Push((_mirror.Reference(node), deep));
        }
    }

    private void ScanQueued(CancellationToken cancellation = default)
    {
        while (_toScan.TryPop(out (NodeRef Node, bool Deep) next))
        {
            cancellation.ThrowIfCancellationRequested();
            if (_mirror.IsLive(next.Node))
            {
                _mirror.DirectoryOf(next.Node.Id).Flags &= ~DirectoryFlags.Queued;
                ScanDirectory(next.Node.Id, next.Deep);
            }

            Breathe();
            if (_stop.IsCancellationRequested)
            {
                return;
            }
        }

        TellDegraded();
    }

    private void ScanDirectory(int node, bool deep)
    {
        CountDirectories();
        DirectoryHandle? handle = OpenDirectory(node, out Failure failure);
        if (handle is null)
        {
            OnCannotOpen(node, failure);
            return;
        }

        ref MirrorDirectory directory = ref _mirror.DirectoryOf(node);
        if (_options.OneFileSystem && IsOnOtherDevice(node))
        {
            directory.Flags |= DirectoryFlags.Listed;
            return;
        }

        _open.Pinned = node;
        Watch(node, handle);
        List(node, handle, deep);
        _open.Pinned = Mirror.None;
        directory = ref _mirror.DirectoryOf(node);
        directory.Flags |= DirectoryFlags.Listed;
        if (directory.Watch != Mirror.None)
        {
            directory.Flags |= DirectoryFlags.Ambiguous;
            directory.ListedAt = Stopwatch.GetTimestamp();
            _ambiguous.Enqueue((_mirror.Reference(node), directory.ListedAt));
        }
    }

    private void OnCannotOpen(int node, Failure failure)
    {
        if (failure is not (Failure.NotFound or Failure.NotDirectory or Failure.SymlinkLoop))
        {
            // Permissions, descriptors, a device that fails: it may be better later.
            StartPolling(node, untilWatched: true);
            NoteDegraded(node, failure == Failure.AccessDenied
                ? "it may not be read (grant read and search permission)"
                : $"it cannot be opened now ({failure})");
            return;
        }

        int parent = _mirror[node].Parent;
        if (parent == Mirror.None)
        {
            _checkRoots = true;
        }
        else
        {
            // Renamed or removed since; the event is on its way.
            Touch(parent, Terminated(_mirror.Name(node)));
        }
    }

    private bool IsOnOtherDevice(int node)
    {
        int root = _mirror.RootOf(node);

        return _mirror.DirectoryOf(root).Device != _mirror.DirectoryOf(node).Device;
    }

    private void Watch(int node, DirectoryHandle handle)
    {
        if (!ShouldWatch(node, handle))
        {
            return;
        }

        bool isRoot = _mirror[node].Parent == Mirror.None;
        int watch = _source!.TryWatch(handle, isRoot, out Failure failure);
        ref MirrorDirectory directory = ref _mirror.DirectoryOf(node);
        if (watch < 0)
        {
            OnCannotWatch(node, failure);
            return;
        }

        if (directory.Watch == watch)
        {
            // Still the same: give the second use back.
            _source.Unwatch(watch);
            StopPollingOf(node);
            return;
        }

        if (directory.Watch != Mirror.None)
        {
            // The watch it had was of a directory that is gone.
            int stale = directory.Watch;
            _mirror.ClearWatch(node);
            _source.Unwatch(stale);
        }

        _mirror.SetWatch(node, watch);
        StopPollingOf(node);
    }

    // Reads the directory and moves the mirror to what it says.
    private void List(int node, DirectoryHandle handle, bool deep)
    {
        bool isFresh = _mirror.DirectoryOf(node).FirstChild == Mirror.None;
        LoadIgnoreFiles(node, handle);
        handle.Rewind();
        while (true)
        {
            int count = handle.ReadEntries(_entryBuffer, out Failure failure);
            if (count == 0)
            {
                if (failure != Failure.None)
                {
                    // Removed while it was listed, or the device fails: what was not seen is looked at below, name by
                    // name.
                    isFresh = false;
                }

                break;
            }

            var entries = new DirectoryEntries(_entryBuffer.AsSpan(0, count));
            while (entries.MoveNext())
            {
                MeetEntry(node, handle, entries.TerminatedName, entries.Type, deep);
            }
        }

        if (!isFresh || deep)
        {
            RemoveUnseen(node, handle);
        }
        else
        {
            ForgetSeen(node);
        }

        if (_writer.IsQuiet && _mirror.DirectoryOf(node).FirstChild != Mirror.None)
        {
            _unlooked.Enqueue(_mirror.Reference(node));
        }
    }

    private void MeetEntry(
        int directory, DirectoryHandle handle, ReadOnlySpan<byte> terminatedName, EntryType listedType, bool deep)
    {
        ReadOnlySpan<byte> name = terminatedName[..^1];
        if (!IsAccepted(directory, name, listedType == EntryType.Directory))
        {
            return;
        }

        if (_writer.IsQuiet && listedType != EntryType.Unknown)
        {
            AddUnlooked(directory, name, listedType);
            return;
        }

        Failure failure = Stat.TryGetAt(handle, terminatedName, out FileStatus status);
        if (failure != Failure.None)
        {
            if (SaysNothing(failure))
            {
                MeetUnknown(directory, name, listedType, deep);
            }

            return;
        }

        if (listedType == EntryType.Unknown && !IsAccepted(directory, name, status.Type == EntryType.Directory))
        {
            return;
        }

        int child = _mirror.Find(directory, name);
        if (child != Mirror.None && !IsSame(child, status))
        {
            RemoveTree(child, tell: true);
            child = Mirror.None;
        }

        if (child == Mirror.None)
        {
            child = AddEntry(directory, name, status);
        }
        else
        {
            Adopt(child, status, tell: true);
            if (deep && _mirror[child].Directory != Mirror.None)
            {
                QueueScan(child, deep: true);
            }
        }

        _mirror[child].Flags |= NodeFlags.Seen;
    }

    // Names may be listed here but not looked at (no search permission, a dead mount): the listing's word does. What
    // the mirror has of such an entry stays; which file a new one is stays open.
    private void MeetUnknown(int directory, ReadOnlySpan<byte> name, EntryType listedType, bool deep)
    {
        int child = _mirror.Find(directory, name);
        if (child != Mirror.None && listedType != EntryType.Unknown && _mirror[child].Type != listedType)
        {
            RemoveTree(child, tell: true);
            child = Mirror.None;
        }

        bool isNew = child == Mirror.None;
        if (isNew)
        {
            child = _mirror.Add(directory, name, listedType == EntryType.Unknown ? EntryType.Other : listedType);
            _writer.Entry(FileChangeKind.Created, child);
        }

        if (_mirror[child].Directory != Mirror.None && (isNew || deep))
        {
            QueueScan(child, deep);
        }

        _mirror[child].Flags |= NodeFlags.Seen;
    }

    // The first scan takes the listing's word for names and types, which is half the work of looking at everything. A
    // directory is looked at when it is opened; the files when the watcher is ready and has nothing else to do.
    private void AddUnlooked(int directory, ReadOnlySpan<byte> name, EntryType type)
    {
        if (_mirror.Find(directory, name) != Mirror.None)
        {
            // Met twice, as it was renamed around the position of the listing.
            return;
        }

        int id = _mirror.Add(directory, name, type);
        _mirror[id].Flags |= NodeFlags.Seen;
        if (type == EntryType.Directory)
        {
            QueueScan(id, deep: false);
        }
    }

    // Looks at the files that the first scan only listed, a while at a time.
    private void LookAtUnlooked()
    {
        long until = TicksFrom(Stopwatch.GetTimestamp(), UnlookedSliceMs);
        while (Stopwatch.GetTimestamp() < until && _unlooked.TryPeek(out NodeRef directory))
        {
            bool isDone = !_mirror.IsLive(directory)
                || OpenDirectory(directory.Id, out _) is not { } handle
                || LookAtUnlooked(directory.Id, handle, until);
            if (!isDone)
            {
                return;
            }

            _unlooked.Dequeue();
            _unlookedNext = null;
        }
    }

    // Of one directory, which may have very many: as far as the time goes, and on from there the next time.
    private bool LookAtUnlooked(int directory, DirectoryHandle handle, long until)
    {
        // New entries stand before the others; where the next one left meanwhile, it is asked of all again.
        int c = _unlookedNext is { } next && _mirror.IsLive(next) && _mirror[next.Id].Parent == directory
            ? next.Id
            : _mirror.DirectoryOf(directory).FirstChild;
        for (; c != Mirror.None; c = _mirror[c].Next)
        {
            ref MirrorNode child = ref _mirror[c];
            if (child.Identity != 0 || child.Directory != Mirror.None)
            {
                continue;
            }

            if (Stopwatch.GetTimestamp() >= until)
            {
                _unlookedNext = _mirror.Reference(c);
                return false;
            }

            if (Stat.TryGetAt(handle, Terminated(_mirror.Name(c)), out FileStatus status) == Failure.None
                && status.Type == child.Type)
            {
                child.Identity = IdentityOf(status);
                TakeStatus(c, status);
                child.Flags |= status.ChangedNs >= _startedNs ? NodeFlags.LookedAtLate : 0;
            }
        }

        return true;
    }

    private void ForgetSeen(int node)
    {
        for (int c = _mirror.DirectoryOf(node).FirstChild; c != Mirror.None; c = _mirror[c].Next)
        {
            _mirror[c].Flags &= ~NodeFlags.Seen;
        }
    }

    // A listing may miss entries while others are renamed around it, so each one that was not seen is asked for by
    // name.
    private void RemoveUnseen(int node, DirectoryHandle handle)
    {
        int next;
        for (int child = _mirror.DirectoryOf(node).FirstChild; child != Mirror.None; child = next)
        {
            next = _mirror[child].Next;
            if ((_mirror[child].Flags & NodeFlags.Seen) != 0)
            {
                _mirror[child].Flags &= ~NodeFlags.Seen;
                continue;
            }

            ReadOnlySpan<byte> name = _mirror.Name(child);
            bool isAccepted = IsAccepted(node, name, _mirror[child].Type == EntryType.Directory);
            Failure failure = Stat.TryGetAt(handle, Terminated(name), out FileStatus status);
            if (isAccepted && (SaysNothing(failure) || (failure == Failure.None && IsSame(child, status))))
            {
                continue;
            }

            // Another one of that name is found by the event that brought it, or is a doubt that stays.
            Touch(node, Terminated(name));
            RemoveTree(child, tell: true);
        }
    }

    /// <summary>Adds what the disk has, and everything in it.</summary>
    private int AddEntry(int directory, ReadOnlySpan<byte> name, in FileStatus status)
    {
        if (status.Type == EntryType.Directory)
        {
            int known = _mirror.FindByIdentity(IdentityOf(status));
            if (known != Mirror.None && CanMoveHere(known, directory))
            {
                // The directory is in the mirror at another place, where it is no more: it was renamed.
                MoveNode(known, directory, name, replaced: EntryType.Unknown);
                QueueScan(known, deep: true);
                return known;
            }
        }

        int id = _mirror.Add(directory, name, status.Type);
        _mirror.SetIdentity(id, IdentityOf(status));
        TakeStatus(id, status);
        _writer.Entry(FileChangeKind.Created, id);
        if (status.Type == EntryType.Directory)
        {
            QueueScan(id, deep: false);
        }

        return id;
    }

    private bool CanMoveHere(int known, int directory) =>
        _mirror[known].Parent != Mirror.None
        && !_mirror.IsWithin(directory, known)
        && !IsAt(_mirror[known].Parent, _mirror.Name(known), known);

    /// <summary>Takes an entry and everything below it out of the mirror; children first, as rm -r would.</summary>
    private void RemoveTree(int top, bool tell)
    {
        int node = top;
        while (true)
        {
            while (_mirror[node].Directory != Mirror.None && _mirror.DirectoryOf(node).FirstChild != Mirror.None)
            {
                node = _mirror.DirectoryOf(node).FirstChild;
            }

            int parent = _mirror[node].Parent;
            if (tell)
            {
                _writer.Entry(FileChangeKind.Deleted, node);
            }

            Release(node);
            _mirror.Remove(node);
            if (node == top)
            {
                return;
            }

            node = parent;
        }
    }

    // What a rename replaces is empty on the disk; what the mirror still has in it went before.
    private void RemoveContents(int node)
    {
        if (_mirror[node].Directory == Mirror.None)
        {
            return;
        }

        while (_mirror.DirectoryOf(node).FirstChild is var child and not Mirror.None)
        {
            RemoveTree(child, tell: true);
        }
    }

    private void Release(int node)
    {
        if (_mirror[node].Directory == Mirror.None)
        {
            return;
        }

        _open.Drop(node);
        StopPollingOf(node);
        ForgetIgnoreFiles(node);
        int watch = _mirror.DirectoryOf(node).Watch;
        if (watch != Mirror.None)
        {
            _mirror.ClearWatch(node);
            _source!.Unwatch(watch);
        }
    }

    // The queue was empty at _emptyAt: events of directories listed before that are a log again.
    private void SettleAmbiguity()
    {
        while (_ambiguous.TryPeek(out (NodeRef Node, long At) next) && next.At < _emptyAt)
        {
            _ambiguous.Dequeue();
            if (!_mirror.IsLive(next.Node))
            {
                continue;
            }

            ref MirrorDirectory directory = ref _mirror.DirectoryOf(next.Node.Id);
            if (directory.ListedAt <= next.At)
            {
                // Else it was listed again since, and the later entry settles it.
                directory.Flags &= ~DirectoryFlags.Ambiguous;
            }
        }
    }
}
