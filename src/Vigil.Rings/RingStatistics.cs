namespace Vigil.Rings;

/// <summary>What a producer did since it was created.</summary>
/// <param name="Bytes">Bytes committed, headers and padding included.</param>
/// <param name="Wakes">How often it woke sleepers: calls to the kernel.</param>
/// <param name="FailedReservations">How often there was no room.</param>
/// <param name="Evictions">How many consumers left or were evicted.</param>
public readonly record struct RingStatistics(ulong Bytes, long Wakes, long FailedReservations, long Evictions);
