using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <content>What the kernel's events say.</content>
internal sealed partial class FileWatchEngine
{
    private const InotifyMask SelfGone =
        InotifyMask.DeleteSelf | InotifyMask.MoveSelf | InotifyMask.Unmount | InotifyMask.Ignored;

    private const InotifyMask NameMask = InotifyMask.Create | InotifyMask.Delete | InotifyMask.Move;

    // Two of these do not follow one another for one name: another kind comes between.
    private const InotifyMask Single = InotifyMask.Create | InotifyMask.Delete | InotifyMask.MovedFrom;

    private void Apply(in InotifyEvent e)
    {
        if (e.IsOverflow)
        {
            NoteLoss();
            return;
        }

        if (!_nodes.TryGetValue(e.Watch.Value, out WatchNode? node))
        {
            // Of a watch that was given back.
            return;
        }

        if ((e.Mask & SelfGone) != 0)
        {
            if (e.IsIgnored)
            {
                _nodes.Remove(node.Watch);
            }

            foreach (FileWay way in node.Users.Keys.ToArray())
            {
                LookAgain(way);
            }

            return;
        }

        ReadOnlySpan<byte> name = e.Name;
        if (name.IsEmpty)
        {
            return;
        }

        FileWay[] ends = node.Ends;
        if ((e.Mask & NameMask) != 0 && node.Steps.Count > 0)
        {
            foreach (FileWay way in NameComparer.Find(node.Steps, name))
            {
                LookAgain(way);
            }
        }

        foreach (FileWay way in ends)
        {
            foreach (WatchedFile file in NameComparer.Find(way.Files, name))
            {
                Apply(file, way, name, e.Mask);
            }
        }
    }

    private void Apply(WatchedFile file, FileWay way, ReadOnlySpan<byte> name, InotifyMask mask)
    {
        if (_position <= file.FreshFrom)
        {
            if (_position == file.FreshFrom && (mask & Single) == 0)
            {
                // The last from before it was added: the kernel may have put a later one of the same kind into it.
                Relink(file);
                CompareInDoubt(file);
            }

            return;
        }

        FileHop[] hops = file.Hops;
        if (hops.Length > 0 && hops[^1].Is(way, name))
        {
            ApplyToFile(file, mask);
        }
        else
        {
            ApplyToLink(file, mask);
        }
    }

    // A name that was a symbolic link to the file when it was looked at.
    private void ApplyToLink(WatchedFile file, InotifyMask mask)
    {
        if ((mask & NameMask) == 0)
        {
            return;
        }

        if ((mask & (InotifyMask.Delete | InotifyMask.MovedFrom)) != 0)
        {
            // What comes after it has an event of its own.
            TellGone(file, isInferred: false);
            Relink(file);
            return;
        }

        Relink(file);
        Compare(file);
    }

    // The kernel sets one event bit at a time, but nothing forbids more; contents come last.
    private void ApplyToFile(WatchedFile file, InotifyMask mask)
    {
        if ((mask & InotifyMask.Open) != 0)
        {
            Tell(FileEventKind.Open, file);
        }

        if ((mask & InotifyMask.Access) != 0)
        {
            Tell(FileEventKind.Access, file);
        }

        if ((mask & InotifyMask.CloseNoWrite) != 0)
        {
            Tell(FileEventKind.CloseNoWrite, file);
        }

        if ((mask & InotifyMask.Attrib) != 0)
        {
            Tell(FileEventKind.Attributes, file);
            Touch(file);
        }

        if ((mask & InotifyMask.MovedFrom) != 0)
        {
            Tell(FileEventKind.MovedFrom, file);
        }

        if ((mask & (InotifyMask.Delete | InotifyMask.MovedFrom)) != 0)
        {
            TellGone(file, isInferred: false);
        }

        if ((mask & (InotifyMask.Create | InotifyMask.MovedTo)) != 0)
        {
            ApplyArrival(file, isRename: (mask & InotifyMask.MovedTo) != 0);
        }

        if ((mask & InotifyMask.Modify) != 0)
        {
            Tell(FileEventKind.Modify, file);
        }

        if ((mask & InotifyMask.CloseWrite) != 0)
        {
            TellContents(file);
        }
    }

    // A file that was made here is whole when it is closed; what was renamed here is whole at once. Nothing more comes
    // of a hard link, a file without a name that is given one (O_TMPFILE), a FIFO: these are whole once they are quiet.
    private void ApplyArrival(WatchedFile file, bool isRename)
    {
        FileHop hop = file.Hops[^1];
        Failure failure = LookAtHop(hop, out FileStatus status);
        if (failure == Failure.None && status.Type == EntryType.Symlink)
        {
            Relink(file);
            Compare(file);
            return;
        }

        if (isRename)
        {
            Tell(FileEventKind.MovedTo, file);
        }

        TellAppeared(file);
        if (isRename || (failure == Failure.None && status.Type != EntryType.File))
        {
            TellContents(file);
        }
        else if (failure == Failure.None || !PathLook.MeansAbsent(failure))
        {
            AwaitQuiet(file, status);
        }
    }
}
