using System.Runtime.InteropServices;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <content>The log: what a hint does to the mirror.</content>
internal sealed partial class TreeEngine
{
    private readonly List<NodeRef> _listed = [];
    private readonly List<NodeRef> _aliases = [];

    void IHintSink.Apply(in TreeHint hint)
    {
        _events++;
        if (hint.Kind == HintKind.Lost)
        {
            NoteLoss();
            return;
        }

        if (hint.Kind == HintKind.MountsChanged)
        {
            _mountsChanged = true;
            return;
        }

        if (hint.Kind is not (HintKind.Modified or HintKind.Closed or HintKind.Metadata))
        {
            if (IsAboutRoots(hint))
            {
                _checkRoots = true;
                if (hint.Kind == HintKind.SelfMoved)
                {
                    // At once, as with a root itself.
                    CheckRoots();
                }
            }

            if (hint.Kind == HintKind.WatchLost)
            {
                ForgetWayWatch(hint.Watch);
            }
        }

        int record = _mirror.FindByWatch(hint.Watch);
        if (record == Mirror.None)
        {
            // Of the way to a root, of another watcher, or of a watch that was given back: its last events.
            return;
        }

        if (_mirror.Directory(record).NextAlias == Mirror.None)
        {
            ApplyTo(_mirror.Directory(record).Node, hint);
            return;
        }

        _aliases.Clear();
        for (; record != Mirror.None; record = _mirror.Directory(record).NextAlias)
        {
            _aliases.Add(_mirror.Reference(_mirror.Directory(record).Node));
        }

        for (int i = 0; i < _aliases.Count; i++)
        {
            if (_mirror.IsLive(_aliases[i]))
            {
                ApplyTo(_aliases[i].Id, hint);
            }
        }
    }

    private void ApplyTo(int directory, in TreeHint hint)
    {
        if (hint.Kind == HintKind.WatchLost)
        {
            OnWatchLost(directory, hint.Watch);
            return;
        }

        if (_lost)
        {
            // A walk over everything is coming; it will see whatever this is about.
            return;
        }

        if (hint.TerminatedName.IsEmpty)
        {
            OnDirectoryItself(directory, hint.Kind);
            return;
        }

        if (hint.Kind <= HintKind.MovedTo && _moves.Count > 0)
        {
            ResolveMovesBefore(directory, hint);
        }

        NoteRules(directory, hint.Name);
        if (!IsAccepted(directory, hint.Name, hint.IsDirectory))
        {
            if (hint.Kind == HintKind.MovedTo && TakeMove(hint.Cookie, out PendingMove move))
            {
                MoveOut(move);
            }

            return;
        }

        switch (hint.Kind)
        {
            case HintKind.Created:
                OnAppeared(directory, hint);
                break;
            case HintKind.Deleted:
                OnDeleted(directory, hint);
                break;
            case HintKind.MovedFrom:
                OnMovedFrom(directory, hint);
                break;
            case HintKind.MovedTo:
                OnMovedTo(directory, hint);
                break;
            default:
                OnContent(directory, hint);
                break;
        }
    }

    private void OnDirectoryItself(int directory, HintKind kind)
    {
        // Of a directory that is no root its parent tells, with its name.
        if (_mirror[directory].Parent != Mirror.None)
        {
            return;
        }

        if (kind == HintKind.SelfMoved)
        {
            // At once: what the log has after this happened elsewhere, and would be told with the old path.
            Root? root = _roots.Find(r => r.Node == directory);
            if (root is not null)
            {
                CheckRoot(root);
            }
        }
        else if (kind == HintKind.Metadata && !IsFileRoot(directory))
        {
            Tell(directory, FileChangeKind.Metadata);
        }
    }

    // An entry was created, or came in by a rename of which there is no first half: it and everything in it is new.
    private void OnAppeared(int directory, in TreeHint hint)
    {
        int child = _mirror.Find(directory, hint.Name);
        bool there = Look(directory, hint.TerminatedName, out FileStatus status) == Failure.None
            && (status.Type == EntryType.Directory) == hint.IsDirectory;
        if (child != Mirror.None)
        {
            if (!there)
            {
                Touch(directory, hint.TerminatedName);
                return;
            }

            if (IsSame(child, status))
            {
                // Known from a listing already. If it came by a rename, that may have been over another file, which the
                // listing was of.
                if (hint.Kind == HintKind.MovedTo && (_mirror[child].Flags & NodeFlags.LookedAtLate) != 0)
                {
                    _mirror[child].Flags &= ~NodeFlags.LookedAtLate;
                    Tell(child, FileChangeKind.Modified);
                }

                Adopt(child, status, tell: true);
                return;
            }

            RemoveTree(child, tell: true);
        }

        if (there)
        {
            AddEntry(directory, hint.Name, status);
            return;
        }

        // It was gone, or another one, when we looked; the events that say so are on their way.
        EntryType type = hint.IsDirectory ? EntryType.Directory : EntryType.File;
        int id = _mirror.Add(directory, hint.Name, type);
        StartBatchOf(id);
        _mirror[id].ChangedNs = NowNs();
        _writer.Entry(FileChangeKind.Created, id);
        Touch(directory, hint.TerminatedName);
    }

    private void OnDeleted(int directory, in TreeHint hint)
    {
        int child = _mirror.Find(directory, hint.Name);
        if (child == Mirror.None)
        {
            return;
        }

        bool doubtful = (_mirror.DirectoryOf(directory).Flags & DirectoryFlags.Ambiguous) != 0
            || (_mirror[child].Type == EntryType.Directory) != hint.IsDirectory;
        if (doubtful)
        {
            _ = Reconcile(directory, hint.TerminatedName);
        }
        else
        {
            RemoveTree(child, tell: true);
        }
    }

    private void OnContent(int directory, in TreeHint hint)
    {
        int child = _mirror.Find(directory, hint.Name);
        if (child == Mirror.None)
        {
            Touch(directory, hint.TerminatedName);
            return;
        }

        FileChangeKind kind = hint.Kind switch
        {
            // A time of modification that is set alone comes as IN_MODIFY, also of a directory: utimensat(2).
            HintKind.Modified when !hint.IsDirectory => FileChangeKind.Modified,
            HintKind.Closed => FileChangeKind.Closed,
            _ => FileChangeKind.Metadata,
        };
        Tell(child, kind);
    }

    private void OnWatchLost(int directory, int watch)
    {
        _mirror.ClearWatch(directory);
        _source!.Forget(watch);
        _open.Drop(directory);
        int parent = _mirror[directory].Parent;
        if (parent == Mirror.None)
        {
            _checkRoots = true;
        }
        else
        {
            // Its removal is told by its parent; a mere unmount or a new directory of the same name by a look.
            Touch(parent, Terminated(_mirror.Name(directory)));
        }
    }

    // Several writes between two looks at the queue are one change; so are several changes of attributes.
    private void Tell(int node, FileChangeKind kind)
    {
        ref MirrorNode n = ref _mirror[node];
        StartBatchOf(node);
        switch (kind)
        {
            case FileChangeKind.Modified when (n.Flags & NodeFlags.BatchModified) != 0:
            case FileChangeKind.Metadata when (n.Flags & NodeFlags.BatchMetadata) != 0:
                return;
            case FileChangeKind.Modified:
                n.Flags |= NodeFlags.BatchModified;
                break;
            case FileChangeKind.Metadata:
                n.Flags |= NodeFlags.BatchMetadata;
                break;
            default:
                n.Flags &= ~NodeFlags.BatchModified;
                break;
        }

        _writer.Entry(kind, node);
        if ((n.Flags & (NodeFlags.BatchLooked | NodeFlags.BatchListed)) == 0)
        {
            n.Flags |= NodeFlags.BatchListed;
            _listed.Add(_mirror.Reference(node));
        }
    }

    private void StartBatchOf(int node)
    {
        ref MirrorNode n = ref _mirror[node];
        if (n.Batch != _batch)
        {
            n.Batch = _batch;
            n.Flags &= ~NodeFlags.AllBatch;
        }
    }

    // Every entry whose content or attributes were told is looked at once, so that a later walk does not tell them
    // again.
    private void RefreshListed()
    {
        foreach (NodeRef reference in CollectionsMarshal.AsSpan(_listed))
        {
            if (!_mirror.IsLive(reference) || _mirror[reference.Id].Parent == Mirror.None)
            {
                continue;
            }

            int node = reference.Id;
            int parent = _mirror[node].Parent;
            ReadOnlySpan<byte> name = Terminated(_mirror.Name(node));
            if (Look(parent, name, out FileStatus status) == Failure.None && IsSame(node, status))
            {
                Adopt(node, status, tell: false);
            }
            else
            {
                Touch(parent, name);
            }
        }

        _listed.Clear();
    }
}
