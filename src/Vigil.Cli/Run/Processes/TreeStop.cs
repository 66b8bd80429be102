using System.Diagnostics;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Cli.Run.Processes;

/// <summary>
/// Brings all processes of a group to an end: first by a signal, then, when the time is over, by SIGKILL, until none
/// is left. Not thread-safe.
/// </summary>
/// <remarks>
/// Each process is held by a pidfd from the look that found it: a number that was given to another process meanwhile
/// cannot be hit. A process that is killed leaves its children to us, and the next look finds them. Processes that
/// start others and end faster than a look takes are killed by their process group, which fork(2) does not escape.
/// </remarks>
internal sealed class TreeStop : IDisposable
{
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan UntilNextLook = TimeSpan.FromMilliseconds(2);
    private readonly Descendants _descendants;
    private readonly RunLoop _loop;
    private readonly int _signal;
    private readonly Dictionary<int, ProcessHandle> _waitedFor = [];
    private readonly HashSet<int> _signalled = [];
    private readonly long _killAt;
    private bool _isKilling;

    /// <summary>Sends the signal.</summary>
    /// <param name="descendants">The processes.</param>
    /// <param name="loop">Is woken when one of them ends.</param>
    /// <param name="signal">What asks them to end.</param>
    /// <param name="killAfter">How long they have.</param>
    public TreeStop(Descendants descendants, RunLoop loop, int signal, TimeSpan killAfter)
    {
        _descendants = descendants;
        _loop = loop;
        _signal = signal;
        _killAt = Stopwatch.GetTimestamp() + (long)(killAfter.TotalSeconds * Stopwatch.Frequency);
        IsOver = !Look();
    }

    /// <summary>Whether none is left, or nothing can be done about those that are.</summary>
    public bool IsOver { get; private set; }

    /// <summary>How long until the next step, if nothing ends before.</summary>
    public TimeSpan Left
    {
        get
        {
            if (IsOver)
            {
                return Timeout.InfiniteTimeSpan;
            }

            TimeSpan left = Stopwatch.GetElapsedTime(
                Stopwatch.GetTimestamp(), _killAt + (_isKilling ? GiveUpTicks : 0));
            left = left > TimeSpan.Zero ? left : TimeSpan.Zero;
            return _waitedFor.Count > 0 || left < UntilNextLook ? left : UntilNextLook;
        }
    }

    private static long GiveUpTicks => (long)(GiveUpAfter.TotalSeconds * Stopwatch.Frequency);

    /// <summary>Kills at once what is left.</summary>
    public void Kill()
    {
        if (!_isKilling && !IsOver)
        {
            _isKilling = true;
            _signalled.Clear();
            IsOver = !Look();
        }
    }

    /// <summary>Goes on where something ended, or the time is over.</summary>
    public void Step()
    {
        if (IsOver)
        {
            return;
        }

        foreach ((int id, ProcessHandle handle) in _waitedFor.ToList())
        {
            if (handle.HasExited)
            {
                Release(id, handle);
            }
        }

        long now = Stopwatch.GetTimestamp();
        if (!_isKilling && now >= _killAt)
        {
            Kill();
        }
        else if (_isKilling && now >= _killAt + GiveUpTicks)
        {
            GiveUp();
        }
        else if (_waitedFor.Count == 0)
        {
            IsOver = !Look();
        }
    }

    public void Dispose()
    {
        foreach ((int id, ProcessHandle handle) in _waitedFor.ToList())
        {
            Release(id, handle);
        }
    }

    // False where there is no process left.
    private bool Look()
    {
        bool isAny = false;
        foreach (ProcessEntry entry in _descendants.Find(_waitedFor.Keys))
        {
            isAny = true;
            if (!_waitedFor.TryGetValue(entry.Id, out ProcessHandle? handle))
            {
                handle = ProcessHandle.TryOpen(entry.Id, out _);
                if (handle is null)
                {
                    // It ended just now; the next look will not find it.
                    _loop.Wake();
                    continue;
                }

                _waitedFor[entry.Id] = handle;
                _loop.Watch(handle);
            }

            Signal(entry, handle);
        }

        return isAny || _descendants.MayHaveMore;
    }

    private void Signal(ProcessEntry entry, ProcessHandle handle)
    {
        int id = entry.Id;
        if (!_signalled.Add(id))
        {
            return;
        }

        if (_isKilling && _descendants.Groups.Contains(entry.GroupId))
        {
            _ = ProcessGroup.Send(entry.GroupId, SignalNumber.SIGKILL);
        }

        Failure failure = handle.Send(_isKilling ? SignalNumber.SIGKILL : _signal);
        if (failure == Failure.AccessDenied && _isKilling)
        {
            Talk.Error($"process {id} belongs to another user and cannot be ended");
        }
        else if (!_isKilling)
        {
            // One that is stopped could not answer.
            _ = handle.Send(SignalNumber.SIGCONT);
        }
    }

    private void GiveUp()
    {
        IsOver = true;
        string example = _waitedFor.Count > 0 ? $", such as {_waitedFor.Keys.First()}" : string.Empty;
        Talk.Error($"some processes do not end even when killed{example}");
    }

    private void Release(int id, ProcessHandle handle)
    {
        _loop.Unwatch(handle);
        handle.Dispose();
        _waitedFor.Remove(id);
    }
}
