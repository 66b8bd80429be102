using Vigil.Platform.Linux;

namespace Vigil.Cli;

/// <summary>
/// When to read next. A reader that takes every event at once pays a system call and a change of threads for it; one
/// that lets a millisecond pass in a steady stream pays them for hundreds. So a few reads are eager, which is what a
/// single change after a quiet moment needs, and the right to them comes back with time. For one thread.
/// </summary>
internal sealed class Pace
{
    private const int MaxEager = 8;
    private const int RefillMs = 8;
    private const int PauseMs = 1;
    private int _eager = MaxEager;
    private long _refilledMs = Environment.TickCount64;

    /// <summary>Lets the pause pass that is due before the next read, if one is; an end cuts it short.</summary>
    public void BeforeRead(EventFd end)
    {
        long nowMs = Environment.TickCount64;
        long refills = (nowMs - _refilledMs) / RefillMs;
        if (refills > 0)
        {
            _eager = (int)Math.Min(MaxEager, _eager + refills);
            _refilledMs = nowMs;
        }

        if (_eager > 0)
        {
            _eager--;
            return;
        }

        _ = Poll.Wait(end, null, null, PauseMs);
    }
}
