namespace Vigil.Watching;

/// <summary>The first half of a rename, waiting for the second.</summary>
/// <param name="Cookie">What the halves have in common.</param>
/// <param name="Directory">Where the entry was.</param>
/// <param name="Node">The entry.</param>
/// <param name="At">When it was read, or it was made sure of, in Stopwatch ticks.</param>
/// <param name="IsMadeSureOf">Whether the rename was over by then, so that a second half is in the queue.</param>
internal readonly record struct PendingMove(
    uint Cookie, NodeRef Directory, NodeRef Node, long At, bool IsMadeSureOf = false);
