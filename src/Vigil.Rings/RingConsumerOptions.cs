namespace Vigil.Rings;

/// <summary>How a <see cref="RingConsumer"/> joins and waits.</summary>
public sealed class RingConsumerOptions
{
    /// <summary>The mode that is expected; null for what the producer offers.</summary>
    public RingWakeMode? Mode { get; set; }

    /// <summary>How long to wait for the producer to answer.</summary>
    public TimeSpan JoinTimeout { get; set; } = TimeSpan.FromMilliseconds(RawRingConsumer.JoinTimeoutMs);

    /// <summary>
    /// How long <see cref="RingConsumer.Wait"/> looks for messages before it sleeps. Waking a sleeper takes some ten
    /// microseconds, so looking for twenty costs little and wins much where messages come close together; zero where
    /// processors are scarce.
    /// </summary>
    public TimeSpan SpinBudget { get; set; } = TimeSpan.FromMicroseconds(20);
}
