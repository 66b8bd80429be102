namespace Vigil.Platform;

/// <summary>
/// What the kernel answered to a call that may be refused in the normal course of work. The layers above decide on
/// these
/// and never see an errno; where the refusal is an error for the user it becomes a <see cref="VigilException"/>.
/// </summary>
public enum Failure
{
    /// <summary>The call succeeded.</summary>
    None = 0,

    /// <summary>Nothing has this name (ENOENT), or its directory was deleted (ESTALE).</summary>
    NotFound,

    /// <summary>A component that should be a directory is none (ENOTDIR).</summary>
    NotDirectory,

    /// <summary>Permission denied (EACCES, EPERM).</summary>
    AccessDenied,

    /// <summary>Too many symbolic links, or one where none may be followed (ELOOP); a way that leads out of where it
    /// must stay (EXDEV).</summary>
    SymlinkLoop,

    /// <summary>A name or a path is longer than the kernel takes (ENAMETOOLONG).</summary>
    NameTooLong,

    /// <summary>A limit of the user is reached: watches (ENOSPC).</summary>
    LimitReached,

    /// <summary>The kernel has no memory for it (ENOMEM, ENOBUFS).</summary>
    OutOfMemory,

    /// <summary>Too many open descriptors or instances (EMFILE, ENFILE).</summary>
    TooManyOpen,

    /// <summary>It exists already (EEXIST), or the address is in use (EADDRINUSE).</summary>
    AlreadyExists,

    /// <summary>There is nothing to read now (EAGAIN).</summary>
    WouldBlock,

    /// <summary>A signal came first (EINTR).</summary>
    Interrupted,

    /// <summary>An argument is not valid for this object (EINVAL, EBADF, ENOTSOCK).</summary>
    Invalid,

    /// <summary>The kernel or the file system does not do this (ENOSYS, EOPNOTSUPP).</summary>
    NotSupported,

    /// <summary>The time is over (ETIMEDOUT).</summary>
    TimedOut,

    /// <summary>Nobody listens at the other end (ECONNREFUSED).</summary>
    ConnectionRefused,

    /// <summary>The other end is closed (EPIPE, ECONNRESET).</summary>
    Disconnected,

    /// <summary>Too many descriptors are under way between processes (ETOOMANYREFS).</summary>
    TooManyReferences,

    /// <summary>It is read and written in order only: a pipe, a socket, a terminal (ESPIPE).</summary>
    NotSeekable,

    /// <summary>It is a directory (EISDIR).</summary>
    IsDirectory,

    /// <summary>It was cancelled before it was done (ECANCELED).</summary>
    Cancelled,

    /// <summary>The device or the server failed (EIO, ENODEV, EHOSTDOWN and the like).</summary>
    Io,
}
