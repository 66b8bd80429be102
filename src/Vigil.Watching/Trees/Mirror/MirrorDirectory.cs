namespace Vigil.Watching;

/// <summary>What the mirror keeps of a directory beyond its node.</summary>
internal struct MirrorDirectory
{
    /// <summary>The node it belongs to; for a free record the next free one.</summary>
    public int Node;

    /// <summary>Its first entry, or -1.</summary>
    public int FirstChild;

    /// <summary>The backend's watch on it, or -1.</summary>
    public int Watch;

    /// <summary>
    /// The next directory record with the same watch (the same directory under a second path), or -1.
    /// </summary>
    public int NextAlias;

    /// <summary>State of the engine.</summary>
    public DirectoryFlags Flags;

    /// <summary>When it was listed last, in Stopwatch ticks.</summary>
    public long ListedAt;

    /// <summary>The device it is on.</summary>
    public ulong Device;
}
