namespace Vigil.Rings;

/// <summary>A consumer that its producer no longer waits for.</summary>
/// <param name="ConsumerId">Which: never given twice by one producer.</param>
/// <param name="Slot">The place it had, which another may have by now.</param>
/// <param name="ProcessId">Its process when it joined; 0 if that is not visible from here.</param>
/// <param name="Reason">Why.</param>
/// <param name="UnreadBytes">How far it was behind, in bytes of the ring.</param>
public readonly record struct RingEviction(
    ulong ConsumerId, uint Slot, int ProcessId, RingEvictionReason Reason, ulong UnreadBytes);
