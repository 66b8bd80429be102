namespace Vigil.Compare.RingPeer.Rings;

/// <summary>How a reader passes the time.</summary>
internal enum RingWaiting
{
    /// <summary>It looks until something is there.</summary>
    Spin,

    /// <summary>It looks for 20 microseconds, then it sleeps.</summary>
    Adaptive,

    /// <summary>It sleeps at once.</summary>
    Sleep,
}
