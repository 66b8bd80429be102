using System.Diagnostics;
using Vigil.Platform.Linux;

namespace Vigil.Cli;

/// <summary>
/// The end of a run and its status. The main thread waits here for whatever comes first: the work is done, a signal,
/// the time given is over, or nobody reads standard output any more. After the end, what is still to be written has a
/// second, counted anew from each write that succeeds. Thread-safe.
/// </summary>
internal sealed class SessionEnd : IDisposable
{
    private const int None = -1;
    private const int GraceMs = 1000;

    // Who waits for somebody that keeps to the grace, and may be a little late.
    private const int LateMs = 250;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly EventFd _wake = EventFd.Create();
    private readonly Signals? _signals;
    private readonly TimeSpan? _timeout;
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _progressMs = long.MinValue;
    private int _status = None;
    private volatile bool _hasErrors;

    /// <summary>The end of a run.</summary>
    /// <param name="timeout">The time given; null for any.</param>
    /// <param name="takesSignals">Whether a signal asks for an end in order. For an answer there is none: it is whole,
    /// or the process was killed.</param>
    public SessionEnd(TimeSpan? timeout, bool takesSignals = true)
    {
        _timeout = timeout;
        _signals = takesSignals ? new Signals(this) : null;
    }

    /// <summary>Cancelled at the end.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>Readable from the end on.</summary>
    public EventFd Wake => _wake;

    /// <summary>Whether the end has come.</summary>
    public bool HasCome => Volatile.Read(ref _status) != None;

    /// <summary>Whether there was an error that makes the status 1, however the run ends.</summary>
    public bool HasErrors
    {
        get => _hasErrors;
        set => _hasErrors = value;
    }

    /// <summary>The status to end with.</summary>
    public int Status => _hasErrors ? ExitStatus.Error : Math.Max(ExitStatus.Success, Volatile.Read(ref _status));

    /// <summary>How long the run has lasted.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    /// <summary>The time left until the end by <c>--timeout</c>.</summary>
    public TimeSpan TimeLeft
    {
        get
        {
            TimeSpan left = _timeout is { } timeout ? timeout - Elapsed : System.Threading.Timeout.InfiniteTimeSpan;
            return left < TimeSpan.Zero && _timeout is not null ? TimeSpan.Zero : left;
        }
    }

    /// <summary>As <see cref="TimeLeft"/>, in milliseconds as poll(2) takes them: -1 for ever.</summary>
    public int MillisecondsLeft
    {
        get
        {
            TimeSpan left = TimeLeft;
            return left == System.Threading.Timeout.InfiniteTimeSpan
                ? System.Threading.Timeout.Infinite
                : (int)Math.Min(Math.Ceiling(left.TotalMilliseconds), int.MaxValue);
        }
    }

    /// <summary>Whether the end has come, and the last second of it brought nothing forward.</summary>
    public bool IsOverdue => HasCome && GraceLeftMs() <= -LateMs;

    /// <summary>Ends the run; the first to say so decides the status.</summary>
    public void Finish(int status)
    {
        NoteProgress();
        if (Interlocked.CompareExchange(ref _status, status, None) == None)
        {
            _wake.Signal();
            _cancellation.Cancel();
        }
    }

    /// <summary>Ends the run for an error; also one that comes after the end counts.</summary>
    public void Fail()
    {
        _hasErrors = true;
        Finish(ExitStatus.Error);
    }

    /// <summary>Notes that something was written.</summary>
    public void NoteProgress() => Volatile.Write(ref _progressMs, Environment.TickCount64);

    /// <summary>Waits for the end, on the main thread.</summary>
    public void Wait()
    {
        while (!HasCome)
        {
            // As the last handle standard output is asked for nothing but its death: poll(2) reports POLLERR always.
            PollReady ready = Poll.Wait(_wake, null, StandardStream.Output, MillisecondsLeft);
            if ((ready & PollReady.Priority) != 0)
            {
                Finish(ExitStatus.Success);
            }
            else if (TimeLeft == TimeSpan.Zero)
            {
                Finish(ExitStatus.Timeout);
            }
        }
    }

    /// <summary>As <see cref="Wait"/>, for what does not write to standard output: that may be closed.</summary>
    public void WaitQuietly()
    {
        while (!HasCome)
        {
            _ = Poll.Wait(_wake, null, null, System.Threading.Timeout.Infinite);
        }
    }

    /// <summary>Waits until a stream takes bytes, on whatever thread writes.</summary>
    /// <returns>False where the end has come and nothing was read for a second.</returns>
    public bool WaitForRoom(StandardStream stream)
    {
        while (true)
        {
            bool hasCome = HasCome;
            int timeoutMs = hasCome ? GraceLeftMs() : MillisecondsLeft;
            if (hasCome && timeoutMs <= 0)
            {
                return false;
            }

            if (stream.WaitForRoom(hasCome ? null : _wake, timeoutMs))
            {
                return true;
            }

            if (!hasCome && TimeLeft == TimeSpan.Zero)
            {
                Finish(ExitStatus.Timeout);
            }
        }
    }

    /// <summary>Waits, after the end, for a task that brings things to an end; not for one that is stuck.</summary>
    /// <returns>Whether it is completed.</returns>
    public bool WaitFor(Task task)
    {
        while (Task.WaitAny([task], Math.Max(1, GraceLeftMs() + LateMs)) != 0)
        {
            if (IsOverdue)
            {
                return false;
            }
        }

        return true;
    }

    public void Dispose()
    {
        _signals?.Dispose();
        _wake.Dispose();
        _cancellation.Dispose();
    }

    private int GraceLeftMs() =>
        (int)Math.Clamp(Volatile.Read(ref _progressMs) + GraceMs - Environment.TickCount64, -GraceMs, GraceMs);
}
