namespace Vigil.Watching;

/// <summary>
/// The kinds of the file systems that are well known, by the magic number of statfs(2) (linux/magic.h).
/// </summary>
internal static class FileSystems
{
    /// <summary>overlayfs.</summary>
    internal const long Overlay = 0x794C7630;

    internal static FileSystemKind Classify(long magic) => (uint)magic switch
    {
        0xEF53 => FileSystemKind.Local,           // ext2, ext3, ext4
        0x58465342 => FileSystemKind.Local,       // XFS
        0x9123683E => FileSystemKind.Local,       // Btrfs
        0x01021994 => FileSystemKind.Local,       // tmpfs
        0x858458F6 => FileSystemKind.Local,       // ramfs
        0x2FC12FC1 => FileSystemKind.Local,       // ZFS
        0xF2F52010 => FileSystemKind.Local,       // F2FS
        0xCA451A4E => FileSystemKind.Local,       // bcachefs
        (uint)Overlay => FileSystemKind.Local,       // overlayfs
        0x3153464A => FileSystemKind.Local,       // JFS
        0x4D44 => FileSystemKind.Local,           // FAT
        0x2011BAB0 => FileSystemKind.Local,       // exFAT
        0x7366746E => FileSystemKind.Local,       // ntfs3
        0x9660 => FileSystemKind.Local,           // ISO 9660
        0x73717368 => FileSystemKind.Local,       // squashfs
        0xE0F5E1E2 => FileSystemKind.Local,       // EROFS
        0x6969 => FileSystemKind.Remote,          // NFS
        0xFF534D42 => FileSystemKind.Remote,      // CIFS
        0xFE534D42 => FileSystemKind.Remote,      // SMB2, SMB3
        0x517B => FileSystemKind.Remote,          // smbfs
        0x01021997 => FileSystemKind.Remote,      // 9p
        0x65735546 => FileSystemKind.Remote,      // FUSE
        0x00C36400 => FileSystemKind.Remote,      // Ceph
        0x5346414F => FileSystemKind.Remote,      // AFS
        0x0BD00BD0 => FileSystemKind.Remote,      // Lustre
        0x01161970 => FileSystemKind.Remote,      // GFS2
        0x7461636F => FileSystemKind.Remote,      // OCFS2
        0x786F4256 => FileSystemKind.Remote,      // VirtualBox shared folders
        0x9FA0 => FileSystemKind.Pseudo,          // proc
        0x62656572 => FileSystemKind.Pseudo,      // sysfs
        0x63677270 => FileSystemKind.Pseudo,      // cgroup2
        0x0027E0EB => FileSystemKind.Pseudo,      // cgroup
        0x64626720 => FileSystemKind.Pseudo,      // debugfs
        0x74726163 => FileSystemKind.Pseudo,      // tracefs
        0x73636673 => FileSystemKind.Pseudo,      // securityfs
        0x62656570 => FileSystemKind.Pseudo,      // configfs
        0xCAFE4A11 => FileSystemKind.Pseudo,      // bpf
        0xDE5E81E4 => FileSystemKind.Pseudo,      // efivarfs
        _ => FileSystemKind.Unknown,
    };
}
