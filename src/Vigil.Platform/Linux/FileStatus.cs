namespace Vigil.Platform.Linux;

/// <summary>What statx(2) tells about a file, as far as Vigil uses it. Times are nanoseconds since 1970 UTC.</summary>
public readonly struct FileStatus
{
    /// <summary>The type of the entry.</summary>
    public EntryType Type { get; init; }

    /// <summary>The device it is on: major and minor number.</summary>
    public ulong Device { get; init; }

    /// <summary>The inode number, unique on the device at one time.</summary>
    public ulong Inode { get; init; }

    /// <summary>
    /// Device, inode number and, where the file system keeps it, the time of birth, mixed into 64 bits: equal for one
    /// and the
    /// same file. The time of birth tells a file from a later one that was given the same inode number.
    /// </summary>
    public ulong Identity { get; init; }

    /// <summary>The length in bytes.</summary>
    public long SizeBytes { get; init; }

    /// <summary>When the content was changed last.</summary>
    public long ModifiedNs { get; init; }

    /// <summary>When the inode was changed last (content, mode, owner, links, name).</summary>
    public long ChangedNs { get; init; }

    /// <summary>The permission bits and the file type as st_mode has them.</summary>
    public uint Mode { get; init; }
}
