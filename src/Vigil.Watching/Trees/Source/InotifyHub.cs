using System.Diagnostics;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <summary>
/// The process's one inotify instance and its one reader thread, shared by every tree watcher: instances are few
/// (fs.inotify.max_user_instances), and a directory that two watchers want costs one watch.
/// </summary>
/// <remarks>
/// Implementation notes. The reader never stats, never calls user code and never waits for anything but the kernel:
/// it reads,
/// copies the bytes to each source and goes back to poll. The lock guards the counts of users for each watch; the
/// reader
/// does not take it. Sources are a list that is replaced, never changed. The instance lives from the first source to
/// the last.
/// </remarks>
internal sealed class InotifyHub
{
    private const int ReadBufferBytes = 64 << 10;

    private static readonly Lock Gate = new();
    private static InotifyHub? _current;

    private readonly InotifyHandle _inotify;
    private readonly EventFd _wake;
    private readonly MountInfo? _mounts;
    private readonly Thread _reader;
    private readonly Lock _watchLock = new();
    private readonly Dictionary<int, int> _users = [];
    private volatile InotifySource[] _sources = [];
    private volatile bool _stopping;

    private InotifyHub()
    {
        _inotify = InotifyHandle.Open();
        try
        {
            _wake = EventFd.Create();
            _mounts = MountInfo.TryOpen();
            // The first poll answers for the mounts as they are now.
            _ = Poll.Wait(_wake, null, _mounts, 0);
            _reader = WatchThread.Start(ReadLoop, "vigil inotify");
        }
        catch
        {
            // Instances and descriptors are few: they must not stay until the collector finds them.
            _inotify.Dispose();
            _wake?.Dispose();
            _mounts?.Dispose();
            throw;
        }
    }

    internal static InotifyHub Join(InotifySource source)
    {
        lock (Gate)
        {
            InotifyHub hub = _current ??= new InotifyHub();
            hub._sources = [.. hub._sources, source];
            return hub;
        }
    }

    /// <summary>Ends a source's part; its watches go back, one by one only if others still use the instance.</summary>
    internal void Leave(InotifySource source, IEnumerable<int> watches)
    {
        lock (Gate)
        {
            if (_sources.Length == 1)
            {
                _sources = [];
                Stop();
                return;
            }
        }

        // Still one of its users, so that nobody closes it meanwhile.
        foreach (int watch in watches)
        {
            Unwatch(watch);
        }

        lock (Gate)
        {
            _sources = _sources.Where(s => s != source).ToArray();
            if (_sources.Length == 0)
            {
                Stop();
            }
        }
    }

    private void Stop()
    {
        if (_current == this)
        {
            _current = null;
        }

        _stopping = true;
        _wake.Signal();
        // It waits for nobody. Whoever comes next may need the instance that it closes.
        _reader.Join();
    }

    internal int TryWatch(DirectoryHandle directory, InotifyMask mask, out Failure failure)
    {
        lock (_watchLock)
        {
            // Another watcher may have asked for more on the same directory: IN_MASK_ADD keeps that.
            int watch = _inotify.TryAddWatch(directory, (uint)(mask | InotifyMask.MaskAdd), out failure);
            if (watch >= 0)
            {
                _users[watch] = _users.GetValueOrDefault(watch) + 1;
            }

            return watch;
        }
    }

    internal void Unwatch(int watch)
    {
        lock (_watchLock)
        {
            if (!_users.TryGetValue(watch, out int users))
            {
                return;
            }

            if (users > 1)
            {
                _users[watch] = users - 1;
                return;
            }

            _users.Remove(watch);
            // Refused where the kernel removed it already: then its IN_IGNORED is on the way.
            _ = _inotify.TryRemoveWatch(watch);
        }
    }

    internal void Forget(int watch)
    {
        lock (_watchLock)
        {
            _users.Remove(watch);
        }
    }

    /// <summary>Has the reader read once more, for whoever asked for a mark.</summary>
    internal void WakeReader() => _wake.Signal();

    private void ReadLoop()
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(ReadBufferBytes);
        var pace = new ReadPace();
        while (!_stopping)
        {
            PollReady ready = Poll.Wait(_inotify, _wake, _mounts, Timeout.Infinite);
            if (pace.IsStream() && ready == PollReady.First
                && Poll.Wait(_wake, null, null, ReadPace.GatherMs) == PollReady.First)
            {
                ready |= PollReady.Second;
            }

            if ((ready & PollReady.Second) != 0)
            {
                _wake.Drain();
            }

            pace.Add(ReadAll(buffer, mountsChanged: (ready & PollReady.Priority) != 0));
        }

        _inotify.Dispose();
        _wake.Dispose();
        _mounts?.Dispose();
    }

    private int ReadAll(byte[] buffer, bool mountsChanged)
    {
        int total = 0;
        bool empty;
        do
        {
            // Taken before the read that answers it.
            InotifySource[] sources = _sources;
            foreach (InotifySource source in sources)
            {
                if (source.TakeMarkRequest())
                {
                    source.IsAsking = true;
                    // Whoever asks for everything before now asks for what was mounted, too.
                    mountsChanged |= (Poll.Wait(_wake, null, _mounts, 0) & PollReady.Priority) != 0;
                }
            }

            long before = Stopwatch.GetTimestamp();
            int count = _inotify.TryRead(buffer, out Failure failure);
            // The kernel fills the buffer as far as whole events fit: room for one more means that there was none.
            empty = failure is not (Failure.None or Failure.Interrupted)
                || (failure == Failure.None && count <= buffer.Length - InotifyHandle.MaxEventBytes);
            total += count;
            foreach (InotifySource source in sources)
            {
                source.Enqueue(buffer.AsSpan(0, count), empty ? before : 0, mountsChanged, source.IsAsking && empty);
                source.IsAsking &= !empty;
            }

            mountsChanged = false;
        }
        while (!empty && !_stopping);
        return total;
    }
}
