namespace Vigil.Rings;

/// <summary>A consumer, as its producer saw it at one moment.</summary>
/// <param name="ConsumerId">Which: never given twice by one producer.</param>
/// <param name="Slot">Its place; the lowest free one is given first.</param>
/// <param name="ProcessId">Its process when it joined; 0 if that is not visible from here.</param>
/// <param name="Mode">How it learns of messages.</param>
/// <param name="UnreadBytes">How far it is behind, in bytes of the ring, by its own word: the capacity at
/// most.</param>
/// <param name="MissedRecords">How many messages it got without their descriptors, because it had not received
/// earlier ones.</param>
public readonly record struct RingConsumerInfo(
    ulong ConsumerId, uint Slot, int ProcessId, RingWakeMode Mode, ulong UnreadBytes, long MissedRecords);
