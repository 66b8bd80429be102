namespace Vigil.Bus.Trees;

/// <summary>A subscriber's place in a feed.</summary>
/// <param name="Feed">The feed.</param>
/// <param name="ConsumerId">Which of its consumers it is.</param>
/// <param name="Through">The last change before what it will read there.</param>
/// <param name="History">The records from its position to there; null where they are not wanted or not kept.</param>
internal sealed record JoinedFeed(ChangeFeed Feed, ulong ConsumerId, long Through, HistoryCopy? History);
