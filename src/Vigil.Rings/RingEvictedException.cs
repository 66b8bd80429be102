namespace Vigil.Rings;

/// <summary>
/// The producer no longer waits for this consumer, so messages may have been lost, and the one that was handed out last
/// may have been overwritten while it was read. Join again to go on.
/// </summary>
public sealed class RingEvictedException : IOException
{
    internal RingEvictedException(RingEvictionReason reason)
        : base($"This consumer was evicted ({reason}): {Explain(reason)}; join again to go on from the present.") =>
        Reason = reason;

    /// <summary>Why.</summary>
    public RingEvictionReason Reason { get; }

    private static string Explain(RingEvictionReason reason) => reason switch
    {
        RingEvictionReason.Stalled =>
            "it had messages to read and made no progress for the producer's stall time-out (RingOptions.StallTimeout)",
        RingEvictionReason.TooSlow => "it was far behind for too long (RingOptions.SlowTimeout)",
        RingEvictionReason.DescriptorsUnread => "it did not receive the descriptors that were sent to it",
        RingEvictionReason.Corrupt => "its page said what cannot be",
        _ => "the producer took it for gone, or wrote beyond what it had read",
    };
}
