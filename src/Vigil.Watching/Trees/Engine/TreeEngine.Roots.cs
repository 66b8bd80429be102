using System.Diagnostics;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <content>The watched paths: how they start, vanish and come back.</content>
internal sealed partial class TreeEngine
{
    private const int FileGoneMs = 500;
    private const int WaitForRootMs = 250;
    private const string WaitingReason = "it does not exist yet; waiting for it";

    private readonly List<Root> _roots = [];
    private readonly HashSet<int> _wayWatches = [];
    private long _startedNs;
    private bool _checkRoots;

    private void Start(IReadOnlyList<string> paths, CancellationToken starting)
    {
        long started = Stopwatch.GetTimestamp();
        BeginBatch();
        _startedNs = (_writer.TimeTicks - DateTime.UnixEpoch.Ticks) * 100;
        _writer.IsQuiet = true;
        _mountIds = ReadMounts();
        foreach (string path in paths.OrderBy(p => WorkingDirectory.Complete(p).Length))
        {
            // Outer paths come first, and are scanned before it is asked whether they cover the next.
            if (AddRoot(path))
            {
                TakeIn(_roots[^1]);
            }

            ScanQueued(starting);
        }

        foreach (Root root in _roots)
        {
            WatchWay(root);
        }

        AttachUncovered();
        _writer.IsQuiet = false;
        _writer.TimeTicks = DateTime.UtcNow.Ticks;
        _writer.Notice(FileChangeKind.Ready, default, EntryType.Unknown, new WatchNotice
        {
            Directories = _mirror.DirectoryCount - _fileRoots.Count,
            Entries = _mirror.Count - _fileRoots.Count,
            Elapsed = Stopwatch.GetElapsedTime(started),
            Backend = _source?.Backend ?? WatchBackend.Poll,
        });
        TellDegraded();
        if (_options.ReportInitial)
        {
            foreach (int node in Walk().Where(n => !IsHeld(n)))
            {
                _writer.Entry(FileChangeKind.Created, node, isInitial: true);
            }
        }

        foreach (Root root in _roots.Where(r => r.IsGone))
        {
            TellGone(root, WaitingReason);
        }

        RequestMarkIfNeeded();
        _open.Clear();
    }

    /// <summary>Adds a path while others are watched; what is there has been told when it returns.</summary>
    internal bool AddRootNow(string path)
    {
        bool isAdded = AddRoot(path);
        Root root = _roots[^1];
        if (isAdded)
        {
            TakeIn(root);
        }

        ScanQueued();
        _stop.Token.ThrowIfCancellationRequested();
        if (isAdded && root.IsGone)
        {
            TellGone(root, WaitingReason);
        }
        else if (isAdded)
        {
            WatchWay(root);
            AttachUncovered();
        }

        return isAdded;
    }

    private bool AddRoot(string path)
    {
        path = WorkingDirectory.Complete(path);
        if (_roots.Concat(_covered).Any(r => r.Path == path))
        {
            return false;
        }

        var root = new Root(path) { RealPath = LinkChain.Resolve(path).RealPath };
        LookOnWay(root);
        if (FindCover(root) is not null)
        {
            // Checked all the same: a path that is not there is an error also inside another one.
            _ = Stat.Get(Terminate(root.PathBytes), followLinks: true);
            Cover(root);
            return false;
        }

        try
        {
            Attach(root, Stat.Get(Terminate(root.PathBytes), followLinks: true));
        }
        catch (VigilException e) when (_options.WaitForRoots && e.Failure == Failure.NotFound)
        {
            root.IsGone = true;
        }

        _roots.Add(root);
        return true;
    }

    internal bool RemoveRoot(string path)
    {
        path = WorkingDirectory.Complete(path);
        Root? root = _covered.Find(r => r.Path == path) ?? _roots.Find(r => r.Path == path);
        if (root is null)
        {
            return false;
        }

        Detach(root);
        if (!_covered.Remove(root))
        {
            _roots.Remove(root);
            TellHolder(root);
            ReleaseCovered();
        }

        return true;
    }

    private void Attach(Root root, in FileStatus status)
    {
        root.IsGone = false;
        root.GoneAt = 0;
        root.RealPath = LinkChain.Resolve(root.Path).RealPath;
        byte[] directory = root.PathBytes;
        root.FileName = null;
        if (status.Type != EntryType.Directory)
        {
            // A single file is watched where it really is, and told under the path that was given.
            byte[] real = PathText.ToBytes(root.RealPath);
            int slash = Array.LastIndexOf(real, (byte)'/');
            root.FileName = real[(slash + 1)..];
            directory = slash == 0 ? "/"u8.ToArray() : real[..slash];
        }

        // Read permission is a condition: the error names the path that was given.
        using (DirectoryHandle handle = DirectoryHandle.Open(Terminate(directory), followLink: true))
        {
            root.Node = _mirror.Add(Mirror.None, directory, EntryType.Directory);
        }

        if (root.FileName is not null)
        {
            _fileRoots[root.Node] = root;
        }
        else if (HolderOf(root) == Mirror.None)
        {
            _writer.Entry(FileChangeKind.Created, root.Node);
        }

        QueueScan(root.Node, deep: false);
    }

    private void Detach(Root root)
    {
        if (root.Node != Mirror.None)
        {
            _fileRoots.Remove(root.Node);
            RemoveTree(root.Node, tell: false);
            root.Node = Mirror.None;
        }

        UnwatchWay(root);
    }

    private void UnwatchWay(Root root)
    {
        foreach (int watch in root.WayWatches)
        {
            _source!.Unwatch(watch);
        }

        root.WayWatches.Clear();
        root.LinkWatches.Clear();
        root.HolderWatch = -1;
        _wayWatches.Clear();
        _wayWatches.UnionWith(_roots.Concat(_covered).SelectMany(r => r.WayWatches));
    }

    private void ForgetWayWatch(int watch)
    {
        if (_wayWatches.Remove(watch))
        {
            _source!.Forget(watch);
            foreach (Root root in _roots.Concat(_covered))
            {
                root.WayWatches.RemoveAll(w => w == watch);
                root.LinkWatches.RemoveAll(w => w == watch);
                root.HolderWatch = root.HolderWatch == watch ? -1 : root.HolderWatch;
            }
        }
    }

    // A rename of a directory above a root takes the root away from its path, and a link on the way may be led
    // elsewhere:
    // neither is told by the root itself.
    private void WatchWay(Root root)
    {
        if (_source is null || root.Node == Mirror.None)
        {
            return;
        }

        string? path = root.FileName is null ? root.RealPath : Path.GetDirectoryName(root.RealPath);
        root.NameInHolder = PathText.ToBytes(Path.GetFileName(path) ?? "");
        for (int steps = 0; path is not null; path = Path.GetDirectoryName(path), steps++)
        {
            int watch = WatchOnWay(root, path, steps == 1 ? NamesAsked.Removed : NamesAsked.None);
            root.HolderWatch = steps == 1 ? watch : root.HolderWatch;
        }

        WatchLinks(root);
    }

    private void WatchLinks(Root root)
    {
        root.LinkDirectories = LinkChain.Resolve(root.Path).LinkDirectories;
        if (_source is null)
        {
            return;
        }

        foreach (string directory in root.LinkDirectories)
        {
            root.LinkWatches.Add(WatchOnWay(root, directory, NamesAsked.All));
        }

        // What happened to the way before it was watched.
        _checkRoots = true;
    }

    private int WatchOnWay(Root root, string path, NamesAsked names)
    {
        using DirectoryHandle? handle = DirectoryHandle.TryOpen(
            PathText.ToTerminated(path), followLink: true, out _);
        int watch = handle is null ? Mirror.None : _source!.TryWatchItself(handle, names);
        if (watch != Mirror.None)
        {
            root.WayWatches.Add(watch);
            _wayWatches.Add(watch);
        }

        return watch;
    }

    // Whether an event on the way may be about where a root is. A busy directory above one tells of many names.
    private bool IsAboutRoots(in TreeHint hint)
    {
        if (!_wayWatches.Contains(hint.Watch))
        {
            return false;
        }

        if (hint.Name.IsEmpty)
        {
            return true;
        }

        int watch = hint.Watch;
        foreach (List<Root> roots in (ReadOnlySpan<List<Root>>)[_roots, _covered])
        {
            foreach (Root root in roots)
            {
                if (root.LinkWatches.Contains(watch)
                    || (root.HolderWatch == watch && hint.Name.SequenceEqual(root.NameInHolder)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private bool AllGone() => !_options.WaitForRoots && _roots.Count > 0 && _roots.TrueForAll(r => r.IsGone);

    private void CheckRootsIfAsked()
    {
        if (_checkRoots)
        {
            CheckRoots();
        }

        foreach (Root root in _roots.ToArray())
        {
            CheckFile(root);
            if (root.IsGone && _options.WaitForRoots)
            {
                TryComeBack(root);
            }
        }
    }

    private void CheckRoots()
    {
        _checkRoots = false;
        foreach (Root root in _roots.ToArray())
        {
            if (root.Node != Mirror.None)
            {
                CheckRoot(root);
            }
        }

        CheckCovered();
    }

    private void CheckRoot(Root root)
    {
        // A way that leads nowhere may be in the middle of an exchange: it is watched as it was.
        LinkChain chain = ResolveNow(root, out bool leadsOn, out FileStatus target);
        if (leadsOn && !_options.FollowRootLinks && chain.RealPath != root.Path)
        {
            Detach(root);
            TellGone(root, "its path leads through a symbolic link now");
            ReleaseCovered();
            return;
        }

        if (leadsOn && chain.RealPath != root.RealPath)
        {
            Retarget(root, target);
            return;
        }

        if (leadsOn && _source is not null && !chain.LinkDirectories.SequenceEqual(root.LinkDirectories))
        {
            // Other links to the same place.
            UnwatchWay(root);
            WatchWay(root);
        }

        if (root.FileName is not null)
        {
            CheckLink(root);
        }

        Failure failure = Stat.TryGet(Terminate(_mirror.Name(root.Node)), followLinks: true, out FileStatus status);
        if (SaysNothing(failure))
        {
            // Not a word on whether it is there: a permission above it, a server that does not answer.
            OnCannotOpen(root.Node, failure);
            return;
        }

        if (failure != Failure.None || IdentityOf(status) != _mirror[root.Node].Identity)
        {
            if (ResolveNow(root, out leadsOn, out _).RealPath != root.RealPath && leadsOn)
            {
                // A link was led elsewhere since it was read above.
                _checkRoots = true;
                return;
            }

            Detach(root);
            TellGone(root, "it was removed, moved away or unmounted");
            ReleaseCovered();
        }
        else if (NeedsListing(root.Node))
        {
            QueueScan(root.Node, deep: true);
        }
    }

    // Links that were read while one of them was away for a moment are not what the path leads through now.
    private static LinkChain ResolveNow(Root root, out bool leadsOn, out FileStatus target)
    {
        const int MostTries = 3;
        LinkChain chain = LinkChain.Resolve(root.Path);
        for (int i = 1; ; i++)
        {
            leadsOn = Stat.TryGet(Terminate(root.PathBytes), followLinks: true, out target) == Failure.None;
            if (!leadsOn || chain.RealPath == root.RealPath || i == MostTries)
            {
                return chain;
            }

            LinkChain again = LinkChain.Resolve(root.Path);
            if (again.RealPath == chain.RealPath)
            {
                return again;
            }

            chain = again;
        }
    }

    // Of a file that is reached through a link, the link may go while the file stays.
    private void CheckLink(Root root)
    {
        bool isBroken = Stat.TryGet(Terminate(root.PathBytes), followLinks: true, out _) == Failure.NotFound
            && root.RealPath != root.Path;
        int file = _mirror.Find(root.Node, root.FileName!);
        if (isBroken && file != Mirror.None)
        {
            RemoveTree(file, tell: true);
        }
        else if (root.IsLinkBroken && !isBroken)
        {
            Touch(root.Node, Terminate(root.FileName!));
        }

        root.IsLinkBroken = isBroken;
    }

    // A symbolic link on the way leads elsewhere now: a file has new contents, a directory other entries.
    private void Retarget(Root root, in FileStatus target)
    {
        bool isSwap = root.FileName is not null && target.Type == EntryType.File
            && _mirror.Find(root.Node, root.FileName) is var old and not Mirror.None
            && _mirror[old].Type == EntryType.File;
        if (root.FileName is null)
        {
            RemoveTree(root.Node, tell: true);
            root.Node = Mirror.None;
        }
        else if (!isSwap && _mirror.Find(root.Node, root.FileName) is var gone and not Mirror.None)
        {
            RemoveTree(gone, tell: true);
        }

        Detach(root);
        root.RealPath = LinkChain.Resolve(root.Path).RealPath;
        if (FindCover(root) is not null)
        {
            _roots.Remove(root);
            Cover(root);
            ReleaseCovered();
            return;
        }

        // What waits to be listed elsewhere is told; only the exchange of the file is not.
        ScanQueued();
        bool isReadable = true;
        try
        {
            _writer.IsQuiet = isSwap;
            Attach(root, target);
            TakeIn(root);
            ScanQueued();
        }
        catch (VigilException)
        {
            TellGone(root, "its symbolic link leads to what may not be read");
            isReadable = false;
        }
        finally
        {
            _writer.IsQuiet = false;
        }

        WatchWay(root);
        ReleaseCovered();
        if (isReadable && isSwap && _mirror.Find(root.Node, root.FileName!) is var file and not Mirror.None)
        {
            Tell(file, FileChangeKind.Modified);
        }
    }

    // A file that vanishes may be in the middle of a save: it counts as gone only after a while.
    private void CheckFile(Root root)
    {
        if (root.FileName is null || root.Node == Mirror.None)
        {
            return;
        }

        if (_mirror.Find(root.Node, root.FileName) != Mirror.None)
        {
            root.GoneAt = 0;
        }
        else if (root.GoneAt == 0)
        {
            root.GoneAt = TicksFrom(Stopwatch.GetTimestamp(), FileGoneMs);
        }
        else if (root.GoneAt <= Stopwatch.GetTimestamp())
        {
            Detach(root);
            TellGone(root, "it was removed or moved away");
        }
    }

    private void TellGone(Root root, string reason)
    {
        root.IsGone = true;
        _writer.Notice(FileChangeKind.Gone, root.PathBytes, EntryType.Unknown, new WatchNotice { Reason = reason });
        TellHolder(root);
    }

    private void TryComeBack(Root root)
    {
        if (Stat.TryGet(Terminate(root.PathBytes), followLinks: true, out FileStatus status) != Failure.None)
        {
            return;
        }

        root.RealPath = LinkChain.Resolve(root.Path).RealPath;
        LookOnWay(root);
        if (FindCover(root) is not null)
        {
            _roots.Remove(root);
            Cover(root);
            return;
        }

        try
        {
            Attach(root, status);
            TakeIn(root);
            ScanQueued();
            WatchWay(root);
            AttachUncovered();
        }
        catch (VigilException)
        {
            // Gone again, or not readable yet: tried again at the next look.
            root.IsGone = true;
        }
    }

    private int RootDelayMs()
    {
        int delay = -1;
        foreach (Root root in _roots)
        {
            if (root.IsGone && _options.WaitForRoots)
            {
                delay = Earlier(delay, WaitForRootMs);
            }
            else if (root.GoneAt != 0 && !root.IsGone)
            {
                delay = Earlier(delay, MillisecondsUntil(root.GoneAt));
            }
        }

        return delay;
    }

    private static byte[] Terminate(ReadOnlySpan<byte> path)
    {
        byte[] result = new byte[path.Length + 1];
        path.CopyTo(result);
        return result;
    }
}
