namespace Vigil.Bus;

/// <summary>A subscriber, at one moment.</summary>
/// <param name="ProcessId">Its process; 0 where that is not visible from the server.</param>
/// <param name="LagBytes">How much of the ring it has still to read.</param>
/// <param name="MissedDescriptors">How many records came to it without their descriptors, as it had not received
/// earlier ones.</param>
public sealed record BusSubscriberStatus(int ProcessId, long LagBytes, long MissedDescriptors);
