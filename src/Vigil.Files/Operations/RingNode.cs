namespace Vigil.IO.Operations;

/// <summary>What waits to be submitted to a ring: a link of a list that needs no memory of its own.</summary>
internal abstract class RingNode
{
    /// <summary>The one that came before.</summary>
    internal RingNode? Next { get; set; }
}
