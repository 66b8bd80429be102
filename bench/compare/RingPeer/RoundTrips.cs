namespace Vigil.Compare.RingPeer;

/// <summary>The times of round trips. The first ones warm up and are not kept.</summary>
internal sealed class RoundTrips(int count)
{
    private readonly int _warmUp = WarmUpOf(count);
    private readonly long[] _ns = new long[count];
    private long _allocatedAtBegin;
    private long _allocated;

    public int All => _warmUp + count;

    public static int WarmUpOf(int count) => count + count / 2;

    public void Note(int trip, long ns)
    {
        if (trip >= _warmUp)
        {
            _ns[trip - _warmUp] = ns;
            if (trip == All - 1)
            {
                _allocated = GC.GetAllocatedBytesForCurrentThread() - _allocatedAtBegin;
            }
        }
        else if (trip == _warmUp - 1)
        {
            _allocatedAtBegin = GC.GetAllocatedBytesForCurrentThread();
        }
    }

    /// <summary>Percentiles are nearest rank, as everywhere in these tables.</summary>
    public void Report()
    {
        double allocated = (double)_allocated / _ns.Length;
        Array.Sort(_ns);
        Json.Write(
            ("trips", _ns.Length), ("p50", At(50)), ("p99", At(99)), ("most", _ns[^1]), ("allocated", allocated));
    }

    private long At(int percent) => _ns[Math.Max(0, (int)Math.Ceiling(percent / 100.0 * _ns.Length) - 1)];
}
