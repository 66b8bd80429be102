namespace Vigil.Rings;

/// <summary>What a <see cref="RingProducer"/> is made by.</summary>
public sealed class RingOptions
{
    /// <summary>
    /// Bytes of the ring: a multiple of 4096. A message takes its payload and 16 bytes, rounded up to a multiple of 16.
    /// The memory is taken when the ring is created. One mebibyte unless told.
    /// </summary>
    public long CapacityBytes { get; set; } = 1 << 20;

    /// <summary>How many consumers there can be at a time.</summary>
    public int MaxConsumers { get; set; } = 16;

    /// <summary>
    /// How long a consumer may have something to read and make no progress before it is evicted; zero: for ever. It has
    /// to be longer than the longest pause of a consumer's garbage collector.
    /// </summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a consumer may leave more than three quarters of the ring unread, or less room than a write needs,
    /// whatever progress it makes or says that it makes, before it is evicted; zero: for ever. Set it where consumers
    /// are not trusted: without it one that is hostile can hold the writer up.
    /// </summary>
    public TimeSpan SlowTimeout { get; set; } = TimeSpan.Zero;

    /// <summary>How many writes in a row may find no room before the consumers are looked at.</summary>
    public int ClogThreshold { get; set; } = 64;
}
