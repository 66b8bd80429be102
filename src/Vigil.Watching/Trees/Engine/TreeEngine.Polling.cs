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
    private bool _limitHit;

    private int SweepMs { get; set; } = MinSweepMs;

    private bool ShouldWatch(int node, DirectoryHandle handle)
    {
        if (_source is null)
        {
            StartPolling(node, limitHit: false);
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
                StartPolling(node, limitHit: false);
                NoteDegraded(node, "a file system without change events");
                return false;
            case FileSystemKind.Remote:
                StartPolling(node, limitHit: false);
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
                kind = EventSelfTest.GivesEvents(handle) ? FileSystemKind.Local : FileSystemKind.Pseudo;
            }

            _kinds[device] = kind;
        }

        return kind;
    }

    private void OnCannotWatch(int node, Failure failure)
    {
        if (failure is Failure.NotFound or Failure.NotDirectory)
        {
            // Removed since it was opened; the event is on its way.
            return;
        }

        bool isLimit = failure is Failure.LimitReached or Failure.OutOfMemory;
        _limitHit |= isLimit;
        StartPolling(node, limitHit: isLimit);
        NoteDegraded(node, isLimit ? Degradation.WatchLimit : $"inotify_add_watch refused it ({failure})");
    }

    private void StartPolling(int node, bool limitHit)
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

        directory.Flags = limitHit
            ? directory.Flags | DirectoryFlags.LimitHit
            : directory.Flags & ~DirectoryFlags.LimitHit;
    }

    // Called when a directory goes or gets a watch; the list is cleaned at the next comparison.
    private void StopPollingOf(int node)
    {
        ref MirrorDirectory directory = ref _mirror.DirectoryOf(node);
        if ((directory.Flags & DirectoryFlags.LimitHit) != 0)
        {
            directory.Flags &= ~(DirectoryFlags.Polled | DirectoryFlags.LimitHit);
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

        int root = node;
        while (_mirror[root].Parent != Mirror.None)
        {
            root = _mirror[root].Parent;
        }

        Degradation? known = _degraded.Find(d => d.Reason == reason && d.Root == root);
        if (known is null)
        {
            _degraded.Add(new Degradation(reason, root) { Top = node, Count = 1 });
            return;
        }

        known.Count++;
        while (!_mirror.IsWithin(node, known.Top))
        {
            known.Top = _mirror[known.Top].Parent;
        }
    }

    // One line for each reason and root: the directory that holds all the parts.
    private void TellDegraded()
    {
        if (_degraded.Count == 0 || _writer.IsQuiet)
        {
            return;
        }

        foreach (Degradation part in _degraded)
        {
            string reason = part.Reason == Degradation.WatchLimit
                ? "the kernel gives no more watches: " + Limits.DescribeWatches()
                : part.Reason;
            if (part.Count > 1)
            {
                reason = string.Create(CultureInfo.InvariantCulture, $"{part.Count} directories in it: {reason}");
            }

            byte[] path = new byte[_mirror.PathLength(part.Top)];
            _mirror.WritePath(part.Top, path);
            _writer.Notice(FileChangeKind.Degraded, path, EntryType.Directory, new WatchNotice
            {
                Reason = reason,
                PollInterval = TimeSpan.FromMilliseconds(PollMs),
            });
        }

        _degraded.Clear();
    }

    private sealed class Degradation(string reason, int root)
    {
        internal const string WatchLimit = "watch limit";

        internal string Reason { get; } = reason;

        internal int Root { get; } = root;

        internal int Top { get; set; }

        internal int Count { get; set; }
    }
}
