using System.Diagnostics;
using System.Globalization;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <content>Parts of the tree without (sufficient) events: compared with the disk at intervals, and said
/// aloud.</content>
internal sealed partial class TreeEngine
{
    private const int MinSweepMs = 1000;
    private const int MaxSweepMs = 60_000;

    // A comparison takes at most this part of the time.
    private const int SweepShare = 20;

    private readonly List<NodeRef> _polled = [];
    private readonly Dictionary<ulong, FileSystemKind> _kinds = [];
    private readonly List<Degradation> _degraded = [];
    private long _sweepDueAt;
    private volatile bool _limitHit;

    internal bool IsShortOfWatches => _limitHit;

    private int SweepMs { get; set; } = MinSweepMs;

    private bool ShouldWatch(int node, DirectoryHandle handle)
    {
        if (_source is null)
        {
            StartPolling(node, untilWatched: false);
            return false;
        }

        if (_limitHit)
        {
            // The kernel gives no more watches: not asked again before the next comparison.
            if (_mirror.DirectoryOf(node).Watch == Mirror.None)
            {
                OnCannotWatch(node, Failure.LimitReached);
            }

            return false;
        }

        FileSystemKind kind = KindOf(node, handle);
        switch (kind)
        {
            case FileSystemKind.Pseudo:
                StartPolling(node, untilWatched: false);
                NoteDegraded(node, "a file system without change events");
                return false;
            case FileSystemKind.Remote:
                StartPolling(node, untilWatched: false);
                NoteDegraded(node, "changes made on other machines give no events here");
                return true;
            default:
                return true;
        }
    }

    private FileSystemKind KindOf(int node, DirectoryHandle handle)
    {
        ulong device = _mirror.DirectoryOf(node).Device;
        if (!_kinds.TryGetValue(device, out FileSystemKind kind))
        {
            kind = FileSystems.Classify(handle.FileSystemMagic());
            if (kind == FileSystemKind.Unknown)
            {
                kind = EventSelfTest.GivesEvents(handle);
            }

            _kinds[device] = kind;
        }

        return kind;
    }

    private void OnCannotWatch(int node, Failure failure)
    {
        bool isLimit = failure is Failure.LimitReached or Failure.OutOfMemory;
        _limitHit |= isLimit;
        StartPolling(node, untilWatched: true);
        NoteDegraded(node, failure switch
        {
            _ when isLimit => Degradation.WatchLimit,
            // It is open: what was not found is the way to it through /proc/self/fd.
            Failure.NotFound => "/proc is not mounted, so no watch can be set",
            _ => $"inotify_add_watch refused it ({failure})",
        });
    }

    private void StartPolling(int node, bool untilWatched)
    {
        ref MirrorDirectory directory = ref _mirror.DirectoryOf(node);
        if ((directory.Flags & DirectoryFlags.Polled) == 0)
        {
            directory.Flags |= DirectoryFlags.Polled;
            _polled.Add(_mirror.Reference(node));
            if (_polled.Count == 1)
            {
                _sweepDueAt = TicksFrom(Stopwatch.GetTimestamp(), PollMs);
            }
        }

        directory.Flags = untilWatched
            ? directory.Flags | DirectoryFlags.UntilWatched
            : directory.Flags & ~DirectoryFlags.UntilWatched;
    }

    // Called when a directory goes or gets a watch; the list is cleaned at the next comparison.
    private void StopPollingOf(int node)
    {
        ref MirrorDirectory directory = ref _mirror.DirectoryOf(node);
        if ((directory.Flags & DirectoryFlags.UntilWatched) != 0)
        {
            // Told again, should it happen again.
            directory.Flags &= ~(DirectoryFlags.Polled | DirectoryFlags.UntilWatched | DirectoryFlags.Told);
        }
    }

    private int PollMs =>
        _options.PollInterval > TimeSpan.Zero ? (int)_options.PollInterval.TotalMilliseconds : SweepMs;

    private int SweepDelayMs() => _polled.Count == 0 ? -1 : MillisecondsUntil(_sweepDueAt);

    private void SweepNow() => _sweepDueAt = Stopwatch.GetTimestamp();

    private void SweepIfDue()
    {
        if (_polled.Count == 0 || Stopwatch.GetTimestamp() < _sweepDueAt)
        {
            return;
        }

        long started = Stopwatch.GetTimestamp();
        _limitHit = false;
        _checkRoots = true;
        CheckRootsIfAsked();
        int count = _polled.Count;
        for (int i = 0; i < count && i < _polled.Count && !_stop.IsCancellationRequested; i++)
        {
            NodeRef polled = _polled[i];
            if (IsPolled(polled))
            {
                ScanDirectory(polled.Id, deep: false);
                Breathe();
            }
        }

        ScanQueued();
        _polled.RemoveAll(reference => !IsPolled(reference));
        long now = Stopwatch.GetTimestamp();
        SweepMs = Math.Clamp(
            (int)(Stopwatch.GetElapsedTime(started, now).TotalMilliseconds * SweepShare), MinSweepMs, MaxSweepMs);
        _sweepDueAt = TicksFrom(now, PollMs);
    }

    private bool IsPolled(NodeRef reference) =>
        _mirror.IsLive(reference)
        && _mirror[reference.Id].Directory != Mirror.None
        && (_mirror.DirectoryOf(reference.Id).Flags & DirectoryFlags.Polled) != 0;

    private void NoteDegraded(int node, string reason)
    {
        if ((_mirror.DirectoryOf(node).Flags & DirectoryFlags.Told) != 0)
        {
            return;
        }

        _mirror.DirectoryOf(node).Flags |= DirectoryFlags.Told;
        int parent = _mirror[node].Parent;
        if (parent != Mirror.None && (_mirror.DirectoryOf(parent).Flags & DirectoryFlags.Told) != 0)
        {
            // What holds it was told of.
            return;
        }

        Degradation? known = _degraded.Find(d => d.Reason == reason && _mirror.IsLive(d.Top)
            && _mirror.RootOf(d.Top.Id) == _mirror.RootOf(node));
        if (known is null)
        {
            _degraded.Add(new Degradation(reason) { Top = _mirror.Reference(node), Count = 1 });
            return;
        }

        known.Count++;
        int top = known.Top.Id;
        while (!_mirror.IsWithin(node, top))
        {
            top = _mirror[top].Parent;
        }

        known.Top = _mirror.Reference(top);
    }

    // One line for each reason and root: the directory that holds all the parts.
    private void TellDegraded()
    {
        if (_degraded.Count == 0 || _writer.IsQuiet)
        {
            return;
        }

        foreach (Degradation part in _degraded.Where(d => _mirror.IsLive(d.Top)))
        {
            string reason = part.Reason == Degradation.WatchLimit
                ? "the kernel gives no more watches: " + Limits.DescribeWatches()
                : part.Reason;
            if (part.Count > 1)
            {
                reason = string.Create(CultureInfo.InvariantCulture, $"{part.Count} directories in it: {reason}");
            }

            byte[] path = PathOf(part.Top.Id);
            _writer.Notice(FileChangeKind.Degraded, path, EntryType.Directory, new WatchNotice
            {
                Reason = reason,
                PollInterval = TimeSpan.FromMilliseconds(PollMs),
            });
        }

        _degraded.Clear();
    }

    /// <summary>Directories that cannot be watched for one reason, and the directory that holds them all.</summary>
    private sealed class Degradation(string reason)
    {
        internal const string WatchLimit = "watch limit";

        internal string Reason { get; } = reason;

        internal NodeRef Top { get; set; }

        internal int Count { get; set; }
    }
}
