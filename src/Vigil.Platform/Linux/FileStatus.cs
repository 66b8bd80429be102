namespace Vigil.Platform.Linux;

/// <summary>What statx(2) tells about a file, as far as Vigil uses it. Times are nanoseconds since 1970 UTC.</summary>
public readonly struct FileStatus
{
    private const uint S_IFMT = 0xf000;
    private const uint S_IFSOCK = 0xc000;
    private const uint S_IFIFO = 0x1000;
    private const uint PermissionBits = 0xfff;

    /// <summary>The type of the entry.</summary>
    public EntryType Type { get; init; }

    /// <summary>The device it is on: major and minor number.</summary>
    public ulong Device { get; init; }

    /// <summary>The inode number, unique on the device at one time.</summary>
    public ulong Inode { get; init; }

    /// <summary>When it was made, or 0 where the file system does not keep that.</summary>
    public long BornNs { get; init; }

    /// <summary>The length in bytes.</summary>
    public long SizeBytes { get; init; }

    /// <summary>The bytes of storage that it has; fewer than its length where it has holes.</summary>
    public long AllocatedBytes { get; init; }

    /// <summary>When the content was changed last.</summary>
    public long ModifiedNs { get; init; }

    /// <summary>When the inode was changed last (content, mode, owner, links, name).</summary>
    public long ChangedNs { get; init; }

    /// <summary>The permission bits and the file type as st_mode has them.</summary>
    public uint Mode { get; init; }

    /// <summary>The user who owns it.</summary>
    public uint OwnerId { get; init; }

    /// <summary>The group that it belongs to.</summary>
    public uint GroupId { get; init; }

    /// <summary>The permissions with the bits for set-user-id, set-group-id and sticky: the last twelve.</summary>
    public uint Permissions => Mode & PermissionBits;

    /// <summary>Whether it is a FIFO, a pipe with a name or without.</summary>
    public bool IsFifo => (Mode & S_IFMT) == S_IFIFO;

    /// <summary>Whether it is a socket.</summary>
    public bool IsSocket => (Mode & S_IFMT) == S_IFSOCK;

    /// <summary>Device, inode number and time of birth, mixed into 64 bits: equal for one and the same file.</summary>
    /// <param name="withBirth">
    /// Whether the time of birth counts. It tells a file from a later one that was given the same inode number; but on
    /// overlayfs it changes when a file is copied up.
    /// </param>
    /// <returns>A number that is never 0.</returns>
    public ulong Identity(bool withBirth)
    {
        // Two rounds of multiply and xor-shift: every input bit reaches every output bit.
        ulong hash = Inode * 0x9E3779B97F4A7C15;
        hash ^= ulong.RotateLeft(Device * 0xD6E8FEB86659FD93, 31);
        hash ^= hash >> 29;
        hash += withBirth ? (ulong)BornNs : 0;
        hash *= 0xBF58476D1CE4E5B9;
        hash ^= hash >> 32;
        return hash | 1;
    }
}
