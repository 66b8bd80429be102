namespace Vigil.Bus;

/// <summary>A ring that subscribers of the same wishes share, at one moment.</summary>
/// <param name="Root">The root that they named.</param>
/// <param name="Records">Records that were written into it.</param>
/// <param name="RingBytes">Its size.</param>
/// <param name="WithDescriptors">Whether descriptors come with the records.</param>
/// <param name="Subscribers">Those who read it.</param>
public sealed record BusFeedStatus(
    string Root,
    long Records,
    long RingBytes,
    bool WithDescriptors,
    IReadOnlyList<BusSubscriberStatus> Subscribers);
