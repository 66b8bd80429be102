using System.Diagnostics.CodeAnalysis;

namespace Vigil.Watching;

/// <summary>
/// The bits of inotify(7), with the kernel's values: what to watch for, how to watch, and what an event says.
/// <c>KernelNames</c> and <c>TryParseKernelNames</c> (<see cref="InotifyMaskExtensions"/>) turn them to and from the
/// kernel's names.
/// </summary>
[Flags]
[SuppressMessage("Design", "CA1028:Enum Storage should be Int32", Justification = "The kernel's mask is a u32.")]
public enum InotifyMask : uint
{
    /// <summary>No bit.</summary>
    None = 0,

    /// <summary>IN_ACCESS: a file was read, or a program was executed.</summary>
    Access = 0x0000_0001,

    /// <summary>IN_MODIFY: a file was written or truncated.</summary>
    Modify = 0x0000_0002,

    /// <summary>IN_ATTRIB: permissions, times, extended attributes, owner or the number of links changed.</summary>
    Attrib = 0x0000_0004,

    /// <summary>IN_CLOSE_WRITE: a file that was open for writing was closed.</summary>
    CloseWrite = 0x0000_0008,

    /// <summary>IN_CLOSE_NOWRITE: a file or directory that was not open for writing was closed.</summary>
    CloseNoWrite = 0x0000_0010,

    /// <summary>IN_OPEN: a file or directory was opened.</summary>
    Open = 0x0000_0020,

    /// <summary>IN_MOVED_FROM: a name left the directory by a rename; the other half has the same cookie.</summary>
    MovedFrom = 0x0000_0040,

    /// <summary>IN_MOVED_TO: a name came into the directory by a rename; the other half has the same cookie.</summary>
    MovedTo = 0x0000_0080,

    /// <summary>IN_CREATE: a file, directory, link, socket or FIFO was made in the directory.</summary>
    Create = 0x0000_0100,

    /// <summary>IN_DELETE: a name was removed from the directory.</summary>
    Delete = 0x0000_0200,

    /// <summary>IN_DELETE_SELF: the watched thing itself was deleted. <see cref="Ignored"/> follows.</summary>
    DeleteSelf = 0x0000_0400,

    /// <summary>IN_MOVE_SELF: the watched thing itself was renamed. The watch stays.</summary>
    MoveSelf = 0x0000_0800,

    /// <summary>IN_UNMOUNT, in events only: the file system was unmounted. <see cref="Ignored"/> follows.</summary>
    Unmount = 0x0000_2000,

    /// <summary>IN_Q_OVERFLOW, in events only, with watch -1: the queue was full and events were lost.</summary>
    QueueOverflow = 0x0000_4000,

    /// <summary>IN_IGNORED, in events only: the watch is gone, removed by a call or by the kernel itself.</summary>
    Ignored = 0x0000_8000,

    /// <summary>IN_ONLYDIR: watch the path only if it is a directory (else ENOTDIR).</summary>
    OnlyDir = 0x0100_0000,

    /// <summary>IN_DONT_FOLLOW: where the path is a symbolic link, watch the link.</summary>
    DontFollow = 0x0200_0000,

    /// <summary>
    /// IN_EXCL_UNLINK: no events for entries that have been unlinked from the directory and are still open.
    /// </summary>
    ExclUnlink = 0x0400_0000,

    /// <summary>
    /// IN_MASK_CREATE: only make a new watch; where the inode is watched already, EEXIST. Since Linux 4.18.
    /// </summary>
    MaskCreate = 0x1000_0000,

    /// <summary>
    /// IN_MASK_ADD: where the inode is watched already, add these events to its mask instead of replacing it.
    /// </summary>
    MaskAdd = 0x2000_0000,

    /// <summary>IN_ISDIR, in events only: what the event is about is a directory.</summary>
    IsDir = 0x4000_0000,

    /// <summary>IN_ONESHOT: remove the watch after one event. <see cref="Ignored"/> follows.</summary>
    OneShot = 0x8000_0000,

    /// <summary>IN_CLOSE: both kinds of close.</summary>
    Close = CloseWrite | CloseNoWrite,

    /// <summary>IN_MOVE: both halves of a rename.</summary>
    Move = MovedFrom | MovedTo,

    /// <summary>IN_ALL_EVENTS: the twelve events that can be asked for.</summary>
    AllEvents = Access | Modify | Attrib | CloseWrite | CloseNoWrite | Open | MovedFrom | MovedTo | Create | Delete
        | DeleteSelf | MoveSelf,
}
