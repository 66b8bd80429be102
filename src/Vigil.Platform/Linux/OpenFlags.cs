namespace Vigil.Platform.Linux;

/// <summary>How a file is opened: open(2). O_CLOEXEC is always added by the calls.</summary>
[Flags]
public enum OpenFlags
{
    /// <summary>For reading only: O_RDONLY.</summary>
    Read = 0,

    /// <summary>For writing only: O_WRONLY.</summary>
    Write = 0x1,

    /// <summary>For both: O_RDWR.</summary>
    ReadWrite = 0x2,

    /// <summary>Made where it is not there: O_CREAT.</summary>
    Create = 0x40,

    /// <summary>Together with <see cref="Create"/>: it must not be there yet, not even as a link: O_EXCL.</summary>
    Exclusive = 0x80,

    /// <summary>Emptied: O_TRUNC.</summary>
    Truncate = 0x200,

    /// <summary>Every write goes to the end: O_APPEND.</summary>
    Append = 0x400,

    /// <summary>The open does not wait, for a writer of a FIFO or for the holder of a lease: O_NONBLOCK.</summary>
    NonBlocking = 0x800,
}
