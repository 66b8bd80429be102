using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <content>The files: which names they hang on, what was told of them, and how they compare with the disk.</content>
internal sealed partial class FileWatchEngine
{
    // How long a file that appeared, and that nobody closed since, stays as it is before it counts as whole.
    private const int QuietMs = 100;
    private const int MaxHops = 40;

    // More than the tick of every kernel's clock for the times of files, which is 1 to 10 ms.
    private const long TickNs = 20_000_000;

    private readonly HashSet<WatchedFile> _quiet = [];
    private readonly List<WatchedFile> _touched = [];

    /// <summary>Watches a file from now on. Under the gate.</summary>
    internal void Add(WatchedFile file)
    {
        file.FreshFrom = CatchUp();
        Relink(file);
        Failure failure = Stat.TryGet(file.TerminatedPath, followLinks: true, out FileStatus status);
        if (!PathLook.MeansAbsent(failure))
        {
            LookLater(file);
        }

        file.Exists = failure == Failure.None;
        file.Told = status;
        file.ToldAtNs = NowNs();
        file.ToldChangedNs = status.ChangedNs;
    }

    /// <summary>Watches a file no more; what nobody else needs is given back. Under the gate.</summary>
    internal void Remove(WatchedFile file)
    {
        file.IsRemoved = true;
        if (file.QuietAt != 0)
        {
            _quiet.Remove(file);
        }

        Rehang(file, []);
    }

    private static WatchedFile[] FilesOf(FileWay way)
    {
        var files = new HashSet<WatchedFile>();
        foreach (WatchedFile[] some in way.Files.Values)
        {
            files.UnionWith(some);
        }

        return [.. files];
    }

    // What a name is, whatever it is.
    private static Failure LookAtHop(in FileHop hop, out FileStatus status)
    {
        if (hop.Way.Look.End is not { } end)
        {
            status = default;
            return Failure.NotFound;
        }

        return Stat.TryGet(PathIn(end.Directory, hop.Name), followLinks: false, out status);
    }

    private static byte[] PathIn(string directory, byte[] name)
    {
        byte[] start = directory == "/" ? [] : PathText.ToBytes(directory);
        return [.. start, (byte)'/', .. name, 0];
    }

    // Which names a file hangs on now. A way is watched before the look at a name in it.
    private void Relink(WatchedFile file)
    {
        if (file.IsRemoved)
        {
            return;
        }

        (string directory, string name) = Split(file.Path);
        FileWay way = WayTo(directory);
        way.IsAdded = true;
        var hops = new List<FileHop>(1);
        while (true)
        {
            var hop = new FileHop(way, PathText.ToBytes(name));
            hops.Add(hop);
            if (hops.Count == MaxHops
                || LookAtHop(hop, out FileStatus status) != Failure.None
                || status.Type != EntryType.Symlink
                || Stat.TryReadLink(PathIn(way.Look.End!.Directory, hop.Name)) is not { } target)
            {
                break;
            }

            string text = PathText.FromBytes(target);
            (directory, name) = Split(text.StartsWith('/') ? text : Path.Combine(way.Look.End.Directory, text));
            if (name is "" or "." or "..")
            {
                // A directory, which has no contents: the link's own name is all there is.
                break;
            }

            way = WayTo(directory);
        }

        Rehang(file, hops);
    }

    private void Rehang(WatchedFile file, List<FileHop> hops)
    {
        FileHop[] before = file.Hops;
        if (before.Length == hops.Count
            && before.Zip(hops).All(pair => pair.First.Is(pair.Second.Way, pair.Second.Name)))
        {
            return;
        }

        // New ones first: what both have stays in use all the time.
        file.Hops = [.. hops];
        foreach (FileHop hop in hops)
        {
            NameComparer.Add(hop.Way.Files, hop.Name, file);
        }

        foreach (FileHop hop in before)
        {
            if (!hops.Exists(h => h.Is(hop.Way, hop.Name)))
            {
                NameComparer.Remove(hop.Way.Files, hop.Name, file);
                DropIfUnused(hop.Way);
            }
        }
    }

    private static (string Directory, string Name) Split(string path)
    {
        int slash = path.LastIndexOf('/');
        return (slash == 0 ? "/" : path[..slash], path[(slash + 1)..]);
    }

    /// <summary>Compares a file with what was told of it, and tells the difference.</summary>
    private void Compare(WatchedFile file)
    {
        Failure failure = Stat.TryGet(file.TerminatedPath, followLinks: true, out FileStatus status);
        if (failure != Failure.None)
        {
            if (PathLook.MeansAbsent(failure))
            {
                TellMissing(file);
            }
            else
            {
                LookLater(file);
            }

            return;
        }

        if (!file.Exists)
        {
            if (file.QuietAt == 0)
            {
                TellFound(file, status);
            }

            return;
        }

        bool mayMissEvents = _isMakingUp || file.Hops[^1].Way.Directory is null;
        if (!IsSame(status, file.Told) || (mayMissEvents && MayHideAWrite(file)))
        {
            Tell(FileEventKind.Modify, file, isInferred: true);
            TellContents(file, status);
        }
        else if (status.ChangedNs != file.ToldChangedNs)
        {
            file.ToldChangedNs = status.ChangedNs;
            Tell(FileEventKind.Attributes, file, isInferred: true);
        }
    }

    // As after lost events: what may hide a write counts as written.
    private void CompareInDoubt(WatchedFile file)
    {
        bool before = _isMakingUp;
        _isMakingUp = true;
        Compare(file);
        _isMakingUp = before;
    }

    // A permission that is missing, or a server that does not answer, says nothing of the file; and no event tells when
    // that is over.
    private void LookLater(WatchedFile file)
    {
        FileWay way = file.Hops[0].Way;
        if (_dueWays.Add(way))
        {
            way.LookAt = Environment.TickCount64 + _pollMs;
            WakeThread();
        }
    }

    private static bool IsSame(in FileStatus a, in FileStatus b) =>
        a.ModifiedNs == b.ModifiedNs && a.SizeBytes == b.SizeBytes && a.Inode == b.Inode && a.Device == b.Device
        && a.BornNs == b.BornNs;

    // A write, or another file with the number of the one before, within a tick of the last look leaves all times and
    // the size as they were. Where its event may be lost, what was as fresh as that is told once more.
    // A time that lies in the future was set by somebody; a write would not leave it so.
    private static bool MayHideAWrite(WatchedFile file) =>
        Math.Abs(file.ToldAtNs - file.Told.ModifiedNs) < TickNs;

    private static long NowNs() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    private void TellMissing(WatchedFile file)
    {
        // It may have been told as made, and not as whole yet.
        if (file.Exists || file.QuietAt != 0)
        {
            TellGone(file, isInferred: true);
        }
    }

    // It was not there. Somebody may be in the middle of writing it, and will close it.
    private void TellFound(WatchedFile file, in FileStatus status)
    {
        TellAppeared(file, isInferred: true);
        if (status.Type == EntryType.File && IsFresh(status))
        {
            AwaitQuiet(file, status);
        }
        else
        {
            TellContents(file, status);
        }
    }

    private static bool IsFresh(in FileStatus status)
    {
        long nowNs = NowNs();
        return status.ChangedNs <= nowNs && nowNs - status.ChangedNs < QuietMs * 1_000_000L;
    }

    private void TellAppeared(WatchedFile file, bool isInferred = false)
    {
        if (!file.Exists && file.QuietAt == 0)
        {
            Tell(FileEventKind.Create, file, isInferred);
        }
    }

    private void TellGone(WatchedFile file, bool isInferred)
    {
        EndQuiet(file);
        file.Exists = false;
        file.Told = default;
        Tell(FileEventKind.Delete, file, isInferred);
    }

    // By an event: what it is like is read when the present events are applied, before they are sent.
    private void TellContents(WatchedFile file)
    {
        EndQuiet(file);
        file.Exists = true;
        file.Told = default;
        Tell(FileEventKind.CloseWrite, file);
        Touch(file);
    }

    private void TellContents(WatchedFile file, in FileStatus status)
    {
        EndQuiet(file);
        file.Exists = true;
        file.Told = status;
        file.ToldAtNs = NowNs();
        file.ToldChangedNs = status.ChangedNs;
        Tell(FileEventKind.CloseWrite, file, isInferred: true);
    }

    private void Tell(FileEventKind kind, WatchedFile file, bool isInferred = false)
    {
        if (((int)_kinds & (1 << (int)kind)) != 0)
        {
            _sink.Tell(kind, file, file.Path, isInferred, reason: null);
        }
    }

    private void Touch(WatchedFile file)
    {
        if (!file.IsTouched)
        {
            file.IsTouched = true;
            _touched.Add(file);
        }
    }

    // One look for all events of a file that came together. The status goes with new contents only if those were told:
    // a write that is under way must still differ if the word of its end is lost.
    private void ReadTouched()
    {
        foreach (WatchedFile file in _touched)
        {
            file.IsTouched = false;
            if (!file.Exists
                || Stat.TryGet(file.TerminatedPath, followLinks: true, out FileStatus status) != Failure.None)
            {
                continue;
            }

            if (file.Told.Inode == 0)
            {
                file.Told = status;
                file.ToldAtNs = NowNs();
            }

            file.ToldChangedNs = status.ChangedNs;
        }

        _touched.Clear();
    }

    private void AwaitQuiet(WatchedFile file, in FileStatus status)
    {
        if (file.QuietAt == 0)
        {
            _quiet.Add(file);
            WakeThread();
        }

        file.Quiet = status;
        file.QuietAt = Environment.TickCount64 + QuietMs;
    }

    private void EndQuiet(WatchedFile file)
    {
        if (file.QuietAt != 0)
        {
            file.QuietAt = 0;
            _quiet.Remove(file);
        }
    }

    private long NextQuietAt()
    {
        long at = long.MaxValue;
        foreach (WatchedFile file in _quiet)
        {
            at = Math.Min(at, file.QuietAt);
        }

        return at;
    }

    private WatchedFile[] QuietBy(long now) => [.. _quiet.Where(f => f.QuietAt <= now)];

    private void TellQuiet()
    {
        if (_quiet.Count == 0)
        {
            return;
        }

        long now = Environment.TickCount64;
        foreach (WatchedFile file in QuietBy(now))
        {
            Failure failure = Stat.TryGet(file.TerminatedPath, followLinks: true, out FileStatus status);
            if (failure != Failure.None)
            {
                // Its end has an event of its own, or is found with the way; what cannot be seen may be seen again.
                file.QuietAt = now + Math.Max(QuietMs, _pollMs);
            }
            else if (IsSame(status, file.Quiet) && status.ChangedNs == file.Quiet.ChangedNs)
            {
                TellContents(file, status);
            }
            else
            {
                AwaitQuiet(file, status);
            }
        }
    }
}
