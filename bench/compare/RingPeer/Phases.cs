using System.Diagnostics;

namespace Vigil.Compare.RingPeer;

/// <summary>
/// The writer's clock: a phase to warm up, a phase that is measured. It looks at the time every 64 KiB or so.
/// </summary>
internal sealed class Phases
{
    private readonly Plan _plan;
    private long _endNs;
    private bool _isMeasuring;
    private long _allocatedAtBegin;

    public Phases(Plan plan)
    {
        _plan = plan;
        LookEvery = Math.Max(1, 65536 / plan.RunBytes);
        _endNs = Clock.Now + Clock.Nanoseconds(plan.Warm);
    }

    /// <summary>After how many runs <see cref="GoOn"/> is asked again.</summary>
    public int LookEvery { get; }

    public ulong First { get; private set; }

    public long BeginNs { get; private set; }

    /// <summary>Bytes that the writing thread allocated in the measured phase.</summary>
    public long Allocated { get; private set; }

    public bool GoOn(ulong sent)
    {
        long now = Clock.Now;
        if (now < _endNs)
        {
            return true;
        }

        if (_isMeasuring)
        {
            Allocated = GC.GetAllocatedBytesForCurrentThread() - _allocatedAtBegin;
            return false;
        }

        _isMeasuring = true;
        _allocatedAtBegin = GC.GetAllocatedBytesForCurrentThread();
        First = sent;
        BeginNs = now;
        _endNs = now + Clock.Nanoseconds(_plan.Measured);
        return true;
    }
}
