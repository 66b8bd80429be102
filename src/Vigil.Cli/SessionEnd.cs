using System.Diagnostics;
using Vigil.Platform.Linux;

namespace Vigil.Cli;

/// <summary>
/// The end of a run and its status. The main thread waits here for whatever comes first: the work is done, a signal,
/// the time given is over, or nobody reads standard output any more. Thread-safe.
/// </summary>
internal sealed class SessionEnd : IDisposable
{
    private const int None = -1;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly EventFd _wake = EventFd.Create();
    private readonly Signals _signals;
    private readonly TimeSpan? _timeout;
    private readonly long _started = Stopwatch.GetTimestamp();
    private int _status = None;

    public SessionEnd(TimeSpan? timeout)
    {
        _timeout = timeout;
        _signals = new Signals(() => Finish(ExitStatus.Success));
    }

    /// <summary>Cancelled at the end.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>Readable from the end on.</summary>
    public EventFd Wake => _wake;

    /// <summary>Whether the end has come.</summary>
    public bool HasCome => Volatile.Read(ref _status) != None;

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

    /// <summary>Ends the run; the first to say so decides the status.</summary>
    public void Finish(int status)
    {
        if (Interlocked.CompareExchange(ref _status, status, None) == None)
        {
            _wake.Signal();
            _cancellation.Cancel();
        }
    }

    /// <summary>Waits for the end, on the main thread.</summary>
    /// <returns>The status.</returns>
    public int Wait()
    {
        while (!HasCome)
        {
            // As the last handle standard output is asked for nothing but its death: poll(2) reports POLLERR always.
            PollReady ready = Poll.Wait(_wake, null, StandardStream.Output, MillisecondsLeft());
            if ((ready & PollReady.Priority) != 0)
            {
                Finish(ExitStatus.Success);
            }
            else if (TimeLeft == TimeSpan.Zero)
            {
                Finish(ExitStatus.Timeout);
            }
        }

        return _status;
    }

    public void Dispose()
    {
        _signals.Dispose();
        _wake.Dispose();
        _cancellation.Dispose();
    }

    private int MillisecondsLeft()
    {
        TimeSpan left = TimeLeft;
        return left == System.Threading.Timeout.InfiniteTimeSpan
            ? System.Threading.Timeout.Infinite
            : (int)Math.Min(Math.Ceiling(left.TotalMilliseconds), int.MaxValue);
    }
}
