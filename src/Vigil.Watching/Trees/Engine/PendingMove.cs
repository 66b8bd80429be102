namespace Vigil.Watching;

/// <summary>The first half of a rename, waiting for the second.</summary>
/// <param name="Cookie">What the halves have in common.</param>
/// <param name="Directory">Where the entry was.</param>
/// <param name="Node">The entry.</param>
/// <param name="At">When it was read, in Stopwatch ticks.</param>
internal readonly record struct PendingMove(uint Cookie, NodeRef Directory, NodeRef Node, long At);
