using System.Diagnostics;
using System.Text;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <content>What no event tells: mounts inside the tree, and walks over everything after events were lost.</content>
internal sealed partial class TreeEngine
{
    private const int MinRescanDelayMs = 50;
    private const int MaxRescanDelayMs = 1000;

    private Dictionary<string, long> _mountIds = [];
    private bool _mountsChanged;
    private bool _lost;
    private long _rescanNotBefore;
    private long _lastRescanAt;
    private int _rescanDelayMs;

    // A mount over a watched directory, or its end, gives no event (inotify(7)); the table of mounts tells of it.
    private void CheckMounts()
    {
        if (!_mountsChanged)
        {
            return;
        }

        _mountsChanged = false;
        Dictionary<string, long> before = _mountIds;
        _mountIds = ReadMounts();
        IEnumerable<string> changed = _mountIds
            .Where(m => before.GetValueOrDefault(m.Key) != m.Value).Select(m => m.Key)
            .Concat(before.Keys.Where(p => !_mountIds.ContainsKey(p)));
        _checkRoots = true;
        foreach (string path in changed)
        {
            byte[] bytes = Encoding.Latin1.GetBytes(path);
            foreach (Root root in _roots)
            {
                if (root.Node != Mirror.None && root.FileName is null
                    && FindByPath(root, root.RealPath, bytes) is { } place)
                {
                    Touch(place.Directory, Terminate(place.Name));
                }
            }
        }
    }

    // Latin-1 keeps every byte, so that paths can be keys.
    private static Dictionary<string, long> ReadMounts()
    {
        var ids = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (KeyValuePair<byte[], long> mount in MountInfo.Read())
        {
            ids[Encoding.Latin1.GetString(mount.Key)] = mount.Value;
        }

        return ids;
    }

    private void NoteLoss(string? reason = null)
    {
        if (_lost)
        {
            return;
        }

        _lost = true;
        // The answer to a mark may be among what was lost.
        _markRequestedAt = 0;
        _overflows++;
        _writer.Notice(FileChangeKind.Overflowed, default, EntryType.Unknown, new WatchNotice
        {
            Reason = (reason ?? _source!.LostReason) + "; everything is compared with the disk now",
        });
    }

    private void RescanIfLost()
    {
        if (!_lost || Stopwatch.GetTimestamp() < _rescanNotBefore)
        {
            return;
        }

        _lost = false;
        _moves.Clear();
        _touched.Clear();
        _doubts.Clear();
        foreach (Root root in _roots.ToArray())
        {
            if (root.Node != Mirror.None)
            {
                CheckRoot(root);
            }

            if (root.Node != Mirror.None)
            {
                QueueScan(root.Node, deep: true);
            }
        }

        ScanQueued();
        DoubtCovers();
        CheckCovered();
        ScanQueued();
        _writer.Notice(FileChangeKind.Rescanned, default, EntryType.Unknown, notice: null);

        // Walks that follow each other closely get further apart: the storm is not over, and each walk feeds on the
        // disk.
        long now = Stopwatch.GetTimestamp();
        bool isRepeat = Stopwatch.GetElapsedTime(_lastRescanAt, now).TotalMilliseconds < 2 * MaxRescanDelayMs;
        _rescanDelayMs = isRepeat ? Math.Clamp(_rescanDelayMs * 2, MinRescanDelayMs, MaxRescanDelayMs) : 0;
        _lastRescanAt = now;
        _rescanNotBefore = TicksFrom(now, _rescanDelayMs);
    }

    private int RescanDelayMs() => _lost ? MillisecondsUntil(_rescanNotBefore) : -1;
}
