using System.Diagnostics;
using System.Text;
using System.Threading.Channels;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Native.Inotify;

/// <summary>
/// A stream of changes as a C program sees it: changes are waited for with a descriptor, and copied into the caller's
/// memory. Thread-safe.
/// </summary>
/// <remarks>
/// Implementation notes. At any time the descriptor, an eventfd, is signalled, or a wait is under way that will signal
/// it. Where the channel is found empty, the signal is taken back and one asynchronous wait is begun. The signal of a
/// wait that a reader overtook finds nothing: that is the rare EAGAIN of vigil.h. After the end the signal stays.
/// </remarks>
internal abstract class NativeStream
{
    private readonly EventFd _ready;
    private readonly ChannelReader<FileChange> _changes;
    private bool _isWaiting;
    private volatile bool _isClosed;

    /// <summary>Begins to tell what comes out of a channel.</summary>
    /// <param name="changes">The channel.</param>
    /// <param name="ready">What becomes readable; it belongs to this object from now on.</param>
    protected NativeStream(ChannelReader<FileChange> changes, EventFd ready)
    {
        _changes = changes;
        _ready = ready;
        _ready.Signal(); // the first look says whether that is so
    }

    /// <summary>The descriptor that is readable while changes are waiting. It belongs to this object.</summary>
    internal int Descriptor => (int)_ready.DangerousGetHandle();

    /// <summary>What is held while changes are taken.</summary>
    protected Lock Gate { get; } = new();

    /// <summary>That it was closed, ended by a NUL.</summary>
    protected abstract ReadOnlySpan<byte> ClosedText { get; }

    /// <summary>That nothing will come any more, and why, ended by a NUL.</summary>
    protected abstract ReadOnlySpan<byte> EndText { get; }

    /// <summary>Bytes of one structure of the caller; it begins with a vigil_change.</summary>
    protected abstract int StrideBytes { get; }

    internal int Wait(int timeoutMs)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            if (IsReady())
            {
                return _isClosed ? LastError.Set(Errno.ECANCELED, ClosedText) : Errno.Ok;
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

    /// <summary>Copies what is waiting.</summary>
    /// <param name="changes">The first of the caller's structures, of <see cref="StrideBytes"/> each.</param>
    /// <param name="capacity">How many there are.</param>
    /// <param name="buffer">Where the texts go.</param>
    /// <param name="bufferBytes">How long that is.</param>
    /// <param name="count">How many were filled.</param>
    /// <returns>0, or why there are none.</returns>
    internal unsafe int Read(NativeChange* changes, nuint capacity, byte* buffer, nuint bufferBytes, out nuint count)
    {
        count = 0;
        lock (Gate)
        {
            byte* at = buffer;
            bool isFull = false;
            while (count < capacity && _changes.TryPeek(out FileChange change))
            {
                byte[] reason = change.Notice?.Reason is { } text ? Encoding.UTF8.GetBytes(text) : [];
                if (NeededBytes(change, reason) > bufferBytes - (nuint)(at - buffer))
                {
                    isFull = true;
                    break;
                }

                var into = (NativeChange*)((byte*)changes + (count * (nuint)StrideBytes));
                *into = new NativeChange
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
                Take(change, into);
                _ = _changes.TryRead(out _);
                count++;
            }

            // Sets the descriptor right for what is left.
            _ = IsReady();
            return count > 0 ? Errno.Ok : WhyNone(isFull);
        }
    }

    /// <summary>Ends what makes the changes; who waits is told. Once.</summary>
    internal void Close()
    {
        lock (Gate)
        {
            _isClosed = true;
            _ready.Signal();
        }

        Stop();
        _ready.Dispose();
    }

    /// <summary>Ends what makes the changes.</summary>
    protected abstract void Stop();

    /// <summary>A change goes to the caller now: fills what its structure has besides. Under the gate.</summary>
    protected virtual unsafe void Take(in FileChange change, NativeChange* into)
    {
    }

    /// <summary>Notes why the changes have ended.</summary>
    protected virtual int Tell(Exception failure) => LastError.Set(failure);

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
            return LastError.Set(Errno.ECANCELED, ClosedText);
        }

        if (_changes.Completion.Exception is { } failure)
        {
            return Tell(failure.GetBaseException());
        }

        return _changes.Completion.IsCompleted
            ? LastError.Set(Errno.ENODATA, EndText)
            : LastError.Set(Errno.EAGAIN, "no change is waiting\0"u8);
    }

    /// <summary>Whether a read has something to say. Where it has not, the descriptor will tell.</summary>
    protected bool IsReady()
    {
        lock (Gate)
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
        lock (Gate)
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
