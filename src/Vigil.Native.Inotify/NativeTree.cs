using System.Diagnostics;
using System.Text;
using System.Threading.Channels;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Native.Inotify;

/// <summary>
/// A tree watcher as a C program sees it: changes are waited for with a descriptor, and copied into the caller's
/// memory. Thread-safe.
/// </summary>
/// <remarks>
/// Implementation notes. At any time the descriptor, an eventfd, is signalled, or a wait is under way that will signal
/// it. Where the channel is found empty, the signal is taken back and one asynchronous wait is begun. The signal of a
/// wait that a reader overtook finds nothing: that is the rare EAGAIN of vigil.h. After the end the signal stays.
/// </remarks>
internal sealed class NativeTree
{
    private readonly Lock _gate = new();
    private readonly TreeWatcher _watcher;
    private readonly EventFd _ready;
    private readonly ChannelReader<FileChange> _changes;
    private bool _isWaiting;
    private volatile bool _isClosed;

    private NativeTree(TreeWatcher watcher, EventFd ready)
    {
        _watcher = watcher;
        _ready = ready;
        _changes = watcher.Changes;
        _ready.Signal(); // the first look says whether that is so
    }

    /// <summary>The descriptor that is readable while changes are waiting. It belongs to this object.</summary>
    internal int Descriptor => (int)_ready.DangerousGetHandle();

    /// <summary>Starts one; returns when everything is watched.</summary>
    internal static NativeTree Open(IEnumerable<string> paths, TreeWatcherOptions options)
    {
        EventFd ready = EventFd.Create();
        try
        {
            return new NativeTree(TreeWatcher.StartAsync(paths, options).GetAwaiter().GetResult(), ready);
        }
        catch
        {
            ready.Dispose();
            throw;
        }
    }

    internal int Wait(int timeoutMs)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            if (IsReady())
            {
                return _isClosed ? LastError.Set(Errno.ECANCELED, "the tree was closed\0"u8) : Errno.Ok;
            }

            double passedMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (timeoutMs >= 0 && passedMs >= timeoutMs)
            {
                return LastError.Set(Errno.ETIMEDOUT, "no change came in time\0"u8);
            }

            int leftMs = timeoutMs < 0 ? -1 : (int)Math.Ceiling(timeoutMs - passedMs);
            if (Poll.Wait(_ready, second: null, priority: null, leftMs) == PollReady.None
                && (timeoutMs < 0 || Stopwatch.GetElapsedTime(start).TotalMilliseconds < timeoutMs))
            {
                return LastError.Set(Errno.EINTR, "a signal came first\0"u8);
            }
        }
    }

    internal unsafe int Read(Span<NativeChange> changes, byte* buffer, nuint bufferBytes, out int count)
    {
        count = 0;
        lock (_gate)
        {
            byte* at = buffer;
            bool isFull = false;
            while (count < changes.Length && _changes.TryPeek(out FileChange change))
            {
                byte[] reason = change.Notice?.Reason is { } text ? Encoding.UTF8.GetBytes(text) : [];
                if (NeededBytes(change, reason) > bufferBytes - (nuint)(at - buffer))
                {
                    isFull = true;
                    break;
                }

                changes[count++] = new NativeChange
                {
                    Sequence = (ulong)change.Sequence,
                    TimeUs = change.Time.Subtract(DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond,
                    Path = Put(change.PathBytes, ref at),
                    PathBytes = (uint)change.PathBytes.Length,
                    OldPath = Put(change.OldPathBytes, ref at),
                    OldPathBytes = (uint)change.OldPathBytes.Length,
                    Reason = Put(reason, ref at),
                    ReasonBytes = (uint)reason.Length,
                    Kind = (byte)change.Kind,
                    Type = (byte)change.Type,
                    Flags = change.IsInitial ? NativeChange.InitialFlag : (ushort)0,
                };
                _ = _changes.TryRead(out _);
            }

            // Sets the descriptor right for what is left.
            _ = IsReady();
            return count > 0 ? Errno.Ok : WhyNone(isFull);
        }
    }

    /// <summary>Waits until all that happened before is in the channel.</summary>
    internal int Sync(int timeoutMs)
    {
        if (!_watcher.SyncAsync().Wait(Math.Max(timeoutMs, Timeout.Infinite)))
        {
            return LastError.Set(
                Errno.ETIMEDOUT, "the watcher is not there yet; read what is waiting, and try again\0"u8);
        }

        _ = IsReady();
        return Errno.Ok;
    }

    internal void Add(string path) => _watcher.AddAsync(path).GetAwaiter().GetResult();

    internal bool Remove(string path) => _watcher.RemoveAsync(path).GetAwaiter().GetResult();

    /// <summary>Ends the watching; who waits is told. Once.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            _ready.Signal();
        }

        _watcher.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _ready.Dispose();
    }

    // Every text has its NUL; a text that is not there takes no room.
    private static nuint NeededBytes(in FileChange change, byte[] reason)
    {
        nuint bytes = 0;
        foreach (int length in (ReadOnlySpan<int>)[change.PathBytes.Length, change.OldPathBytes.Length, reason.Length])
        {
            bytes += length == 0 ? 0 : (nuint)length + 1;
        }

        return bytes;
    }

    private static unsafe byte* Put(ReadOnlySpan<byte> text, ref byte* at)
    {
        if (text.IsEmpty)
        {
            return LastError.EmptyText;
        }

        byte* start = at;
        text.CopyTo(new Span<byte>(at, text.Length));
        at += text.Length;
        *at++ = 0;
        return start;
    }

    private int WhyNone(bool isFull)
    {
        // Not asked of the channel: a change may have come since it was found empty.
        if (isFull)
        {
            return LastError.Set(
                Errno.ENOBUFS, "there is no room for the next change; 16384 bytes do in most cases\0"u8);
        }

        if (_isClosed)
        {
            return LastError.Set(Errno.ECANCELED, "the tree was closed\0"u8);
        }

        if (_changes.Completion.Exception is { } failure)
        {
            return LastError.Set(failure.GetBaseException());
        }

        return _changes.Completion.IsCompleted
            ? LastError.Set(Errno.ENODATA, "every watched path is gone; no change will come\0"u8)
            : LastError.Set(Errno.EAGAIN, "no change is waiting\0"u8);
    }

    // Whether a read has something to say. Where it has not, the descriptor will tell.
    private bool IsReady()
    {
        lock (_gate)
        {
            if (HasNews || _isClosed)
            {
                if (_isWaiting)
                {
                    _ready.Signal(); // as the wait will, but whoever hears of news here may look at the descriptor next
                }

                return true;
            }

            // The signal is taken back, then it is looked again: what came before the former is seen by the latter.
            _ready.Drain();
            if (!_isWaiting)
            {
                _isWaiting = true;
                _ = SignalWhenReadyAsync();
            }

            if (HasNews)
            {
                _ready.Signal();
            }

            return HasNews;
        }
    }

    private bool HasNews => _changes.TryPeek(out _) || _changes.Completion.IsCompleted;

    // Goes on at once, on the same thread, where something came between the look and this.
    private async Task SignalWhenReadyAsync()
    {
        try
        {
            _ = await _changes.WaitToReadAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The watcher has failed; the next read says why.
        }

        // Both at once: whoever sees that no wait is under way may rely on the signal.
        lock (_gate)
        {
            _isWaiting = false;
            try
            {
                _ready.Signal();
            }
            catch (ObjectDisposedException)
            {
                // Closed meanwhile: nobody waits any more.
            }
        }
    }
}
