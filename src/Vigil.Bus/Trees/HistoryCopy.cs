namespace Vigil.Bus.Trees;

/// <summary>The records of a tree after some number.</summary>
/// <param name="Records">The records, in order.</param>
/// <param name="ListedFrom">What renames moved along is there from this number on; a group that begins before it is
/// not whole.</param>
internal sealed record HistoryCopy(byte[] Records, long ListedFrom);
