namespace Vigil.Watching;

/// <summary>A reference to a node that may be kept: it tells when the node has been removed since.</summary>
internal readonly record struct NodeRef(int Id, uint Generation);
