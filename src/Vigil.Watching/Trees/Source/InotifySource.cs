using System.Buffers;
using System.Collections.Concurrent;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <summary>
/// An engine's part of the process's inotify instance: its watches, and a queue of raw events that the shared reader
/// fills.
/// </summary>
internal sealed class InotifySource : ChangeSource
{
    // The reader must never wait for an engine, so what an engine has not taken yet is bounded here, and the rest
    // dropped,
    // which is told like an overflow of the kernel's queue.
    private const int MaxQueuedBytes = 32 << 20;

    private const InotifyMask AlwaysMask =
        InotifyMask.Create | InotifyMask.Delete | InotifyMask.Move | InotifyMask.OnlyDir | InotifyMask.ExclUnlink;

    private readonly ConcurrentQueue<EventPortion> _portions = new();
    private readonly InotifyHub _hub;
    private readonly Action _wake;
    private readonly InotifyMask _mask;
    private int _queuedBytes;
    private int _dropped;
    private int _mountsDropped;
    private int _markRequested;
    private string _lostReason = "";

    /// <summary>Joins the process's instance.</summary>
    /// <param name="kinds">The kinds that will be told; others are not asked of the kernel where that is
    /// possible.</param>
    /// <param name="wake">Called on the reader's thread when there is a portion; must not block.</param>
    /// <exception cref="VigilException">EMFILE: no instance is left for this user.</exception>
    internal InotifySource(FileChangeKinds kinds, Action wake)
    {
        _wake = wake;
        _mask = AlwaysMask
            | (kinds.HasFlag(FileChangeKinds.Modified) ? InotifyMask.Modify : 0)
            | (kinds.HasFlag(FileChangeKinds.Closed) ? InotifyMask.CloseWrite : 0)
            | (kinds.HasFlag(FileChangeKinds.Metadata) ? InotifyMask.Attrib : 0);
        _hub = InotifyHub.Join(this);
    }

    /// <summary>The reader's: whether this source waits for a mark.</summary>
    internal bool IsAsking { get; set; }

    internal override WatchBackend Backend => WatchBackend.Inotify;

    internal override string LostReason => _lostReason;

    internal override int TryWatch(DirectoryHandle directory, bool isRoot, out Failure failure)
    {
        // A root tells of itself; of the other directories their parents tell.
        InotifyMask mask = isRoot
            ? _mask | InotifyMask.DeleteSelf | InotifyMask.MoveSelf | InotifyMask.Attrib
            : _mask;
        return _hub.TryWatch(directory, mask, out failure);
    }

    internal override int TryWatchItself(DirectoryHandle directory, NamesAsked names)
    {
        InotifyMask mask = InotifyMask.DeleteSelf | InotifyMask.MoveSelf | InotifyMask.OnlyDir;
        mask |= names switch
        {
            NamesAsked.All => InotifyMask.Create | InotifyMask.Delete | InotifyMask.Move,
            NamesAsked.Removed => InotifyMask.Delete,
            _ => InotifyMask.None,
        };
        return _hub.TryWatch(directory, mask, out _);
    }

    internal override void Unwatch(int watch) => _hub.Unwatch(watch);

    internal override void Forget(int watch) => _hub.Forget(watch);

    internal override void RequestEmptyMark()
    {
        Volatile.Write(ref _markRequested, 1);
        _hub.WakeReader();
    }

    internal override bool TryDeliver(IHintSink sink)
    {
        if (!_portions.TryDequeue(out EventPortion portion))
        {
            // Told also if nothing comes after what was dropped.
            return TellDropped(sink);
        }

        Interlocked.Add(ref _queuedBytes, -portion.Length);
        _ = TellDropped(sink);
        if (portion.MountsChanged)
        {
            sink.Apply(new TreeHint { Kind = HintKind.MountsChanged });
        }

        foreach (InotifyEvent e in new InotifyEvents(portion.Buffer.AsSpan(0, portion.Length)))
        {
            Translate(in e, sink);
        }

        if (portion.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(portion.Buffer);
        }

        sink.PortionDone(portion.EmptyAt);
        return true;
    }

    internal override void Close(IEnumerable<int> watches)
    {
        _hub.Leave(this, watches);
        while (_portions.TryDequeue(out EventPortion portion))
        {
            if (portion.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(portion.Buffer);
            }
        }
    }

    /// <summary>Takes what the reader read. On the reader's thread; never blocks.</summary>
    internal void Enqueue(ReadOnlySpan<byte> events, long emptyAt, bool mountsChanged, bool isAnswer)
    {
        if (events.IsEmpty && !mountsChanged && !isAnswer)
        {
            return;
        }

        if (Volatile.Read(ref _queuedBytes) + events.Length > MaxQueuedBytes)
        {
            if (mountsChanged)
            {
                Volatile.Write(ref _mountsDropped, 1);
            }

            Volatile.Write(ref _dropped, 1);
            _wake();
            return;
        }

        byte[] buffer = [];
        if (!events.IsEmpty)
        {
            buffer = ArrayPool<byte>.Shared.Rent(events.Length);
            events.CopyTo(buffer);
            Interlocked.Add(ref _queuedBytes, events.Length);
        }

        _portions.Enqueue(new EventPortion(buffer, events.Length, emptyAt, mountsChanged));
        _wake();
    }

    /// <summary>Whether a mark was asked for since the last call. On the reader's thread.</summary>
    internal bool TakeMarkRequest() => Interlocked.Exchange(ref _markRequested, 0) != 0;

    private bool TellDropped(IHintSink sink)
    {
        if (Interlocked.Exchange(ref _dropped, 0) == 0)
        {
            return false;
        }

        _lostReason = "the reader of the changes fell behind";
        sink.Apply(new TreeHint { Kind = HintKind.Lost });
        if (Interlocked.Exchange(ref _mountsDropped, 0) != 0)
        {
            sink.Apply(new TreeHint { Kind = HintKind.MountsChanged });
        }

        return true;
    }

    // The kernel sets one event bit at a time, but nothing forbids more; each becomes a hint of its own, content last.
    private void Translate(in InotifyEvent e, IHintSink sink)
    {
        InotifyMask mask = e.Mask;
        if ((mask & InotifyMask.QueueOverflow) != 0)
        {
            _lostReason = "the kernel's queue of events ran over: fs.inotify.max_queued_events is "
                + Limits.MaxQueuedEvents.ToString(System.Globalization.CultureInfo.InvariantCulture);
            sink.Apply(new TreeHint { Kind = HintKind.Lost });
            return;
        }

        Give(InotifyMask.Create, HintKind.Created, in e, sink);
        Give(InotifyMask.MovedFrom, HintKind.MovedFrom, in e, sink);
        Give(InotifyMask.MovedTo, HintKind.MovedTo, in e, sink);
        Give(InotifyMask.Delete, HintKind.Deleted, in e, sink);
        Give(InotifyMask.Modify, HintKind.Modified, in e, sink);
        Give(InotifyMask.CloseWrite, HintKind.Closed, in e, sink);
        Give(InotifyMask.Attrib, HintKind.Metadata, in e, sink);
        Give(InotifyMask.DeleteSelf | InotifyMask.MoveSelf | InotifyMask.Unmount, HintKind.SelfMoved, in e, sink);
        Give(InotifyMask.Ignored, HintKind.WatchLost, in e, sink);
    }

    private static void Give(InotifyMask bits, HintKind kind, in InotifyEvent e, IHintSink sink)
    {
        if ((e.Mask & bits) != 0)
        {
            sink.Apply(new TreeHint
            {
                Kind = kind,
                IsDirectory = (e.Mask & InotifyMask.IsDir) != 0,
                Watch = e.Watch.Value,
                Cookie = e.Cookie,
                TerminatedName = e.TerminatedName,
            });
        }
    }
}
