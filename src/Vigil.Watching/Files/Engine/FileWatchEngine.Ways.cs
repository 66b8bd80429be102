using System.Diagnostics;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <content>The ways to the directories, and the kernel's watches on them.</content>
internal sealed partial class FileWatchEngine
{
    private const int MaxLooks = 8;
    private const int UnsettledMs = 10;
    private const int LimitTextMs = 5000;
    private const InotifyMask Self = InotifyMask.DeleteSelf | InotifyMask.MoveSelf;

    private readonly Dictionary<int, WatchNode> _nodes = [];
    private readonly Dictionary<string, FileWay> _ways = new(StringComparer.Ordinal);
    private readonly HashSet<FileWay> _dueWays = [];
    private string? _limitText;
    private long _limitTextAt;

    private FileWay WayTo(string path)
    {
        if (!_ways.TryGetValue(path, out FileWay? way))
        {
            way = new FileWay(path);
            _ways.Add(path, way);
            Resolve(way);
        }

        return way;
    }

    private void DropIfUnused(FileWay way)
    {
        if (way.Files.Count > 0)
        {
            return;
        }

        _ways.Remove(way.Path);
        _dueWays.Remove(way);
        Replace(way, PathLook.Nowhere, []);
    }

    private void LookAtAllWays()
    {
        foreach (FileWay way in _ways.Values.ToArray())
        {
            LookAgain(way);
        }
    }

    private void LookAtDueWays()
    {
        if (_dueWays.Count == 0)
        {
            return;
        }

        foreach (FileWay way in DueWays(Environment.TickCount64))
        {
            LookAgain(way);
        }
    }

    // By itself: what a query closes over is allocated where its method begins, also when nothing is due.
    private FileWay[] DueWays(long now) => [.. _dueWays.Where(w => w.LookAt <= now)];

    private long NextLookAt()
    {
        long at = long.MaxValue;
        foreach (FileWay way in _dueWays)
        {
            at = Math.Min(at, way.LookAt);
        }

        return at;
    }

    /// <summary>
    /// Looks where a way leads now, and compares its files with what was told of them. Also where it leads to the same
    /// as at the last look: what was told of a file may be of a moment between, when it was added, or a link led there.
    /// </summary>
    private void LookAgain(FileWay way)
    {
        if (!_ways.TryGetValue(way.Path, out FileWay? known) || known != way)
        {
            // It went while others were looked at.
            return;
        }

        ulong before = way.Look.End?.Identity ?? 0;
        Resolve(way);
        ulong after = way.Look.End?.Identity ?? 0;
        bool isLost = before != 0 && after == 0 && way.Look.Failure == Failure.None;
        foreach (WatchedFile file in FilesOf(way))
        {
            if (isLost && file.Hops[0].Way == way)
            {
                // By now it may be back, with another file: that is found by the look that follows, and told after the
                // loss, not before it.
                TellMissing(file);
                continue;
            }

            Relink(file);
            Compare(file);
        }

        if (isLost && way.IsAdded)
        {
            _sink.Tell(
                FileEventKind.DirectoryLost,
                file: null,
                way.Path,
                isInferred: true,
                "it was removed, moved away or unmounted; its files are told once it is back");
        }
    }

    // Watches what one look found, looks again, and goes on until the watches cover what was found.
    private void Resolve(FileWay way)
    {
        var touched = new Dictionary<WatchNode, InotifyMask>();
        PathLook look = PathLook.Take(way.Path);
        var plan = new WatchPlan();
        for (int i = 0; i < MaxLooks; i++)
        {
            plan = WatchAll(way, look);
            foreach (WatchNode node in plan.Nodes.Keys)
            {
                touched[node] = InotifyMask.None;
            }

            PathLook again = PathLook.Take(way.Path);
            bool isSame = again.Equals(look);
            look = again;
            if (isSame && !plan.HasMoved)
            {
                break;
            }

            plan.HasMoved = true;
        }

        foreach (WatchNode node in touched.Keys.Where(n => !plan.Nodes.ContainsKey(n)).Except(way.Nodes).ToArray())
        {
            Release(node, way);
        }

        Replace(way, look, plan.Pairs);
        Schedule(way, plan);
    }

    private WatchPlan WatchAll(FileWay way, PathLook look)
    {
        var plan = new WatchPlan();
        foreach (PathStep step in look.Steps)
        {
            InotifyMask mask = step.Mask | (step.IsEnd ? _contentMask : InotifyMask.None);
            if (mask == InotifyMask.None && step.Directory == "/")
            {
                // The root directory is neither renamed nor removed.
                continue;
            }

            Watch(way, step, mask, plan);
        }

        if (look.Failure != Failure.None)
        {
            plan.Trouble ??= Describe(look.Failure);
        }

        return plan;
    }

    private void Watch(FileWay way, PathStep step, InotifyMask mask, WatchPlan plan)
    {
        using DirectoryHandle? handle = DirectoryHandle.TryOpen(
            PathText.ToTerminated(step.Directory), followLink: false, out Failure failure);
        if (handle is null)
        {
            NoteRefusal(step, mask, failure, plan);
            return;
        }

        if (Stat.TryGet(handle, out FileStatus status) != Failure.None
            || status.Identity(withBirth: true) != step.Identity)
        {
            plan.HasMoved = true;
            return;
        }

        // Others may need more of it: IN_MASK_ADD keeps that.
        InotifyMask wanted = mask | Self;
        int watch = _inotify.TryAddWatch(
            handle, (uint)(wanted | InotifyMask.OnlyDir | InotifyMask.MaskAdd), out failure);
        if (watch < 0)
        {
            // It is open: what was not found is the way to it through /proc/self/fd.
            plan.Trouble ??= failure == Failure.NotFound
                ? "/proc is not mounted, so no watch can be set" : Describe(failure);
            return;
        }

        if (!_nodes.TryGetValue(watch, out WatchNode? node))
        {
            node = new WatchNode(watch, step.Identity);
            _nodes.Add(watch, node);
        }

        node.Directory = step.Directory;
        node.Mask |= wanted;
        node.Users[way] = wanted | plan.Nodes.GetValueOrDefault(node);
        plan.Nodes[node] = node.Users[way];
        plan.Pairs.Add((node, step));
        Narrow(node, handle);

        if (step.IsEnd)
        {
            plan.Trouble ??= FileSystems.Classify(handle.FileSystemMagic()) switch
            {
                FileSystemKind.Pseudo => "a file system without change events",
                FileSystemKind.Remote => "changes made on other machines give no events here",
                FileSystemKind.Unknown => "a file system of an unknown kind, which may not give every event",
                _ => null,
            };
        }
    }

    private void NoteRefusal(PathStep step, InotifyMask mask, Failure failure, WatchPlan plan)
    {
        if (PathLook.MeansAbsent(failure))
        {
            plan.HasMoved = true;
        }
        else if (failure == Failure.AccessDenied && (mask & InotifyMask.Create) == 0)
        {
            // Often so with a directory above that one may only pass. It may be renamed; that is seen by looking.
            plan.IsBlind = true;
        }
        else
        {
            plan.Trouble ??= $"{step.Directory}: {Describe(failure)}";
        }
    }

    private string Describe(Failure failure)
    {
        switch (failure)
        {
            case Failure.AccessDenied:
                return "it may not be read; read permission is needed on it, and search permission above";
            case Failure.LimitReached or Failure.OutOfMemory:
                break;
            case Failure.TooManyOpen:
                return "no descriptor is left; raise the process's limit of open files (ulimit -n)";
            default:
                return $"it cannot be watched ({failure})";
        }

        // Counting what the user has goes through all of /proc.
        long now = Environment.TickCount64;
        if (_limitText is null || now - _limitTextAt > LimitTextMs)
        {
            _limitText = Limits.DescribeWatches();
            _limitTextAt = now;
        }

        return _limitText;
    }

    // A way without all its watches, or that does not stand still, is looked at without events.
    private void Schedule(FileWay way, WatchPlan plan)
    {
        int delayMs = plan.HasMoved ? UnsettledMs : plan.Trouble is not null || plan.IsBlind ? _pollMs : 0;
        if (delayMs == 0)
        {
            _dueWays.Remove(way);
        }
        else
        {
            _dueWays.Add(way);
            way.LookAt = Environment.TickCount64 + delayMs;
            WakeThread();
        }

        if (plan.Trouble is not null && way.Trouble is null)
        {
            _sink.Tell(
                FileEventKind.Degraded,
                file: null,
                way.Path,
                isInferred: false,
                $"its files are looked at every {_pollMs} ms, as it cannot be watched: {plan.Trouble}");
        }

        way.Trouble = plan.HasMoved ? way.Trouble : plan.Trouble;
    }

    // Everything that a way registered, for where it leads now.
    private void Replace(FileWay way, PathLook look, List<(WatchNode Node, PathStep Step)> pairs)
    {
        WatchNode[] before = way.Nodes.ToArray();
        foreach ((WatchNode node, byte[] name) in way.Steps)
        {
            NameComparer.Remove(node.Steps, name, way);
        }

        if (way.Directory is { } directory)
        {
            directory.Ends = directory.Ends.Where(w => w != way).ToArray();
        }

        way.Look = look;
        way.Directory = null;
        way.Nodes.Clear();
        way.Steps.Clear();
        foreach ((WatchNode node, PathStep step) in pairs)
        {
            if (!way.Nodes.Contains(node))
            {
                way.Nodes.Add(node);
            }

            foreach (byte[] name in step.Names)
            {
                way.Steps.Add((node, name));
                NameComparer.Add(node.Steps, name, way);
            }

            if (step.IsEnd)
            {
                way.Directory = node;
                node.Ends = [.. node.Ends, way];
            }
        }

        foreach (WatchNode node in before.Except(way.Nodes).ToArray())
        {
            Release(node, way);
        }
    }

    private void Release(WatchNode node, FileWay way)
    {
        node.Users.Remove(way);
        if (node.Users.Count > 0)
        {
            Narrow(node);
        }
        else if (_nodes.Remove(node.Watch))
        {
            // Refused where the kernel removed it already.
            _ = _inotify.TryRemoveWatch(node.Watch);
        }
    }

    // Where a directory cannot be opened now, more comes than is needed, and is left unheard.
    private void Narrow(WatchNode node)
    {
        if (node.Mask == node.Needed || !_nodes.ContainsKey(node.Watch))
        {
            return;
        }

        using DirectoryHandle? handle = DirectoryHandle.TryOpen(
            PathText.ToTerminated(node.Directory), followLink: false, out _);
        if (handle is not null
            && Stat.TryGet(handle, out FileStatus status) == Failure.None
            && status.Identity(withBirth: true) == node.Identity)
        {
            Narrow(node, handle);
        }
    }

    private void Narrow(WatchNode node, DirectoryHandle handle)
    {
        InotifyMask needed = node.Needed;
        if (node.Mask == needed)
        {
            return;
        }

        int watch = _inotify.TryAddWatch(handle, (uint)(needed | InotifyMask.OnlyDir), out _);
        if (watch == node.Watch)
        {
            node.Mask = needed;
        }
        else if (watch >= 0 && !_nodes.ContainsKey(watch))
        {
            // The kernel gave the watch up meanwhile, and this is a new one.
            _ = _inotify.TryRemoveWatch(watch);
        }
    }

    [Conditional("DEBUG")]
    private void AssertInvariants()
    {
        foreach (FileWay way in _ways.Values)
        {
            Debug.Assert(way.Files.Count > 0, "a way that nobody needs");
            Debug.Assert(way.Nodes.TrueForAll(n => n.Users.ContainsKey(way)), "a watch that does not know its user");
            Debug.Assert(way.Directory is null || way.Directory.Ends.Contains(way), "an end that is not one");
        }
    }

    // What watching one look came to.
    private sealed class WatchPlan
    {
        internal Dictionary<WatchNode, InotifyMask> Nodes { get; } = [];

        internal List<(WatchNode Node, PathStep Step)> Pairs { get; } = [];

        // Something was no longer what the look had found.
        internal bool HasMoved { get; set; }

        // Something above cannot be watched for being renamed.
        internal bool IsBlind { get; set; }

        internal string? Trouble { get; set; }
    }
}
