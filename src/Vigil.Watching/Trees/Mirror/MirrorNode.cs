namespace Vigil.Watching;

/// <summary>
/// One entry of the mirror: 72 bytes, no references, so that a quarter of a million cost the collector nothing.
/// </summary>
internal struct MirrorNode
{
    /// <summary>The directory it is in, or -1 for a root.</summary>
    public int Parent;

    /// <summary>The next entry of the same directory, or -1; for a free node the next free one.</summary>
    public int Next;

    /// <summary>The entry before it in the same directory, or -1.</summary>
    public int Previous;

    /// <summary>Where its name lies in the arena.</summary>
    public int NameOffset;

    /// <summary>Its record as a directory, or -1 for everything else.</summary>
    public int Directory;

    /// <summary>The hash of parent and name.</summary>
    public uint Hash;

    /// <summary>Which use of this slot it is: a reference that is kept compares it.</summary>
    public uint Generation;

    /// <summary>The last batch that looked at it on the disk or told something of it.</summary>
    public uint Batch;

    /// <summary>The length of the name in bytes.</summary>
    public ushort NameLength;

    /// <summary>What it is.</summary>
    public EntryType Type;

    /// <summary>
    /// State of the engine; those named Batch… count only while <see cref="Batch"/> is the present one.
    /// </summary>
    public NodeFlags Flags;

    /// <summary>Which file it is (device, inode, birth), or 0 while that is not known.</summary>
    public ulong Identity;

    /// <summary>Its length in bytes, at the last look.</summary>
    public long SizeBytes;

    /// <summary>Its time of modification, at the last look.</summary>
    public long ModifiedNs;

    /// <summary>Its time of change, at the last look; before the first, when its event alone told of it.</summary>
    public long ChangedNs;
}
