using System.Runtime.InteropServices;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Rings;

/// <summary>
/// A thread that sleeps for many consumers at once (futex_waitv(2)) and ends their waits. There is one for each 127
/// consumers that wait at the same time; it stays for the life of the process.
/// </summary>
internal sealed unsafe class RingWaiter
{
    // One word is the waiter's own, by which others make it look again.
    private const int Capacity = Futex.MaxWords - 1;

    // Where futex_waitv(2) is not there (before Linux 5.16) or not allowed, it looks so often.
    private const int PollMs = 1;

    private static readonly Lock AllGate = new();
    private static readonly List<RingWaiter> All = [];

    private readonly Lock _gate = new();
    private readonly List<RingWait> _waits = [];
    private readonly List<RingWait> _over = [];
    private readonly FutexWord[] _words = new FutexWord[Futex.MaxWords];

    // Never freed: the thread never ends. Native, because the kernel looks at its address while the collector runs.
    private readonly uint* _call = (uint*)NativeMemory.AllocZeroed(sizeof(uint));

    private RingWaiter()
    {
        var thread = new Thread(Run) { IsBackground = true, Name = "vigil ring waiter" };
        thread.UnsafeStart();
    }

    /// <summary>Takes on a wait that begins.</summary>
    internal static void Enlist(RingWait wait)
    {
        lock (AllGate)
        {
            foreach (RingWaiter waiter in All)
            {
                if (waiter.TryTake(wait))
                {
                    return;
                }
            }

            var another = new RingWaiter();
            All.Add(another);
            _ = another.TryTake(wait);
        }
    }

    /// <summary>Makes it look at all its waits again.</summary>
    internal void LookAgain()
    {
        _ = Interlocked.Increment(ref *_call);
        _ = Futex.Wake(_call);
    }

    private bool TryTake(RingWait wait)
    {
        lock (_gate)
        {
            if (_waits.Count == Capacity)
            {
                return false;
            }

            wait.BelongTo(this);
            _waits.Add(wait);
        }

        LookAgain();
        return true;
    }

    private void Run()
    {
        // By a clock of its own: another ring that is busy ends every sleep early.
        long lateAt = Environment.TickCount64;
        while (true)
        {
            bool isLate = Environment.TickCount64 >= lateAt;
            if (isLate)
            {
                lateAt = Environment.TickCount64 + RingConsumer.LongestSleepMs;
            }

            _words[0] = new FutexWord(_call, Volatile.Read(ref *_call));
            int count = Look(isLate);
            foreach (RingWait wait in _over)
            {
                wait.End();
            }

            _over.Clear();
            Sleep(count, (int)Math.Clamp(lateAt - Environment.TickCount64, 1, RingConsumer.LongestSleepMs));
        }
    }

    // Takes out the waits that are over, and notes what to sleep on for the others.
    private int Look(bool isLate)
    {
        lock (_gate)
        {
            int count = 1;
            for (int i = _waits.Count - 1; i >= 0; i--)
            {
                if (_waits[i].IsOver(isLate, out FutexWord word))
                {
                    _over.Add(_waits[i]);
                    _waits.RemoveAt(i);
                }
                else
                {
                    _words[count++] = word;
                }
            }

            return count;
        }
    }

    private void Sleep(int count, int timeoutMs)
    {
        if (count == 1)
        {
            _ = Futex.Wait(_call, _words[0].Expected, int.MaxValue);
            return;
        }

        Failure failure = Futex.WaitAny(_words.AsSpan(0, count), timeoutMs);
        if (failure is not (Failure.None or Failure.TimedOut or Failure.Interrupted))
        {
            _ = Futex.Wait(_call, _words[0].Expected, PollMs);
        }
    }
}
