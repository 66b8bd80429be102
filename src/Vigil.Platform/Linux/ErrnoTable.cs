namespace Vigil.Platform.Linux;

/// <summary>
/// The numbers, names and meanings of errno(3). The numbers are those of asm-generic/errno*.h (x86-64, arm64).
/// </summary>
internal static class ErrnoTable
{
    internal const int EPERM = 1;
    internal const int ENOENT = 2;
    internal const int ESRCH = 3;
    internal const int EINTR = 4;
    internal const int EIO = 5;
    internal const int ENXIO = 6;
    internal const int E2BIG = 7;
    internal const int ENOEXEC = 8;
    internal const int EBADF = 9;
    internal const int EAGAIN = 11;
    internal const int ENOMEM = 12;
    internal const int EACCES = 13;
    internal const int EFAULT = 14;
    internal const int EEXIST = 17;
    internal const int EBUSY = 16;
    internal const int EXDEV = 18;
    internal const int ENODEV = 19;
    internal const int ENOTDIR = 20;
    internal const int EISDIR = 21;
    internal const int EINVAL = 22;
    internal const int ENFILE = 23;
    internal const int EMFILE = 24;
    internal const int ETXTBSY = 26;
    internal const int EFBIG = 27;
    internal const int ENOSPC = 28;
    internal const int ESPIPE = 29;
    internal const int EROFS = 30;
    internal const int EPIPE = 32;
    internal const int ENAMETOOLONG = 36;
    internal const int ENOSYS = 38;
    internal const int ELOOP = 40;
    internal const int ENOTSOCK = 88;
    internal const int EOPNOTSUPP = 95;
    internal const int EADDRINUSE = 98;
    internal const int ECONNRESET = 104;
    internal const int ENOBUFS = 105;
    internal const int ENOTCONN = 107;
    internal const int ETOOMANYREFS = 109;
    internal const int ETIMEDOUT = 110;
    internal const int ECONNREFUSED = 111;
    internal const int EHOSTDOWN = 112;
    internal const int ESTALE = 116;
    internal const int EDQUOT = 122;
    internal const int ECANCELED = 125;

    // No number of errno(3): the kernel's own, which io_uring lets out where an open in it was interrupted.
    internal const int ERESTARTSYS = 512;

    internal static string Name(int errno) => errno switch
    {
        EPERM => "EPERM",
        ENOENT => "ENOENT",
        EINTR => "EINTR",
        EIO => "EIO",
        ENXIO => "ENXIO",
        E2BIG => "E2BIG",
        ENOEXEC => "ENOEXEC",
        EBADF => "EBADF",
        EAGAIN => "EAGAIN",
        ENOMEM => "ENOMEM",
        EACCES => "EACCES",
        EFAULT => "EFAULT",
        EEXIST => "EEXIST",
        EXDEV => "EXDEV",
        ENODEV => "ENODEV",
        ENOTDIR => "ENOTDIR",
        EISDIR => "EISDIR",
        EINVAL => "EINVAL",
        ENFILE => "ENFILE",
        EMFILE => "EMFILE",
        ENOSPC => "ENOSPC",
        EROFS => "EROFS",
        ENAMETOOLONG => "ENAMETOOLONG",
        ENOSYS => "ENOSYS",
        ELOOP => "ELOOP",
        EOPNOTSUPP => "EOPNOTSUPP",
        ENOTCONN => "ENOTCONN",
        ETIMEDOUT => "ETIMEDOUT",
        EHOSTDOWN => "EHOSTDOWN",
        ESTALE => "ESTALE",
        EFBIG => "EFBIG",
        EPIPE => "EPIPE",
        EBUSY => "EBUSY",
        ENOTSOCK => "ENOTSOCK",
        EADDRINUSE => "EADDRINUSE",
        ECONNRESET => "ECONNRESET",
        ENOBUFS => "ENOBUFS",
        ETOOMANYREFS => "ETOOMANYREFS",
        ECONNREFUSED => "ECONNREFUSED",
        ESPIPE => "ESPIPE",
        EDQUOT => "EDQUOT",
        ECANCELED => "ECANCELED",
        ETXTBSY => "ETXTBSY",
        _ => $"errno {errno}",
    };

    internal static string Describe(int errno) => errno switch
    {
        EPERM => "operation not permitted",
        ENOENT => "no such file or directory",
        EINTR => "interrupted by a signal",
        EIO => "input/output error",
        E2BIG => "too many or too long arguments",
        ENOEXEC => "not a program that this machine runs",
        EBADF => "bad file descriptor",
        EAGAIN => "nothing there yet",
        ENOMEM => "the kernel is out of memory",
        EACCES => "permission denied",
        EEXIST => "it exists already",
        EXDEV => "it leads elsewhere",
        ENODEV => "no such device",
        ENOTDIR => "not a directory",
        EISDIR => "is a directory",
        EINVAL => "invalid argument",
        ENFILE => "too many open files in the system",
        EMFILE => "too many open files or instances",
        ENOSPC => "no space left",
        EROFS => "read-only file system",
        ENAMETOOLONG => "the name is too long",
        ENOSYS => "this kernel does not have the call",
        ELOOP => "too many levels of symbolic links",
        EOPNOTSUPP => "not supported here",
        ESTALE => "the file is gone (stale handle)",
        EFBIG => "larger than a file can be",
        EPIPE => "the other end is closed",
        EBUSY => "in use",
        ENOTSOCK => "not a socket",
        EADDRINUSE => "the address is in use",
        ECONNRESET => "the other end closed the connection",
        ENOBUFS => "no room for it now",
        ETOOMANYREFS => "too many descriptors are under way between processes",
        ECONNREFUSED => "nobody listens there",
        ETIMEDOUT => "timed out",
        ESPIPE => "it has no positions",
        EDQUOT => "the quota of disk space is used up",
        ECANCELED => "cancelled",
        ETXTBSY => "a program that runs from it keeps it as it is",
        _ => "failed",
    };

    internal static Failure Classify(int errno) => errno switch
    {
        0 => Failure.None,
        ENOENT or ESTALE => Failure.NotFound,
        ENOTDIR => Failure.NotDirectory,
        EACCES or EPERM => Failure.AccessDenied,
        ELOOP or EXDEV => Failure.SymlinkLoop,
        ENAMETOOLONG => Failure.NameTooLong,
        ENOSPC => Failure.LimitReached,
        ENOMEM or ENOBUFS => Failure.OutOfMemory,
        EMFILE or ENFILE => Failure.TooManyOpen,
        EEXIST or EADDRINUSE => Failure.AlreadyExists,
        EAGAIN => Failure.WouldBlock,
        EINTR or ERESTARTSYS => Failure.Interrupted,
        EINVAL or EBADF or ENOTSOCK => Failure.Invalid,
        ENOSYS or EOPNOTSUPP => Failure.NotSupported,
        ETIMEDOUT => Failure.TimedOut,
        ECONNREFUSED => Failure.ConnectionRefused,
        EPIPE or ECONNRESET => Failure.Disconnected,
        ETOOMANYREFS => Failure.TooManyReferences,
        ESPIPE => Failure.NotSeekable,
        EISDIR => Failure.IsDirectory,
        ECANCELED => Failure.Cancelled,
        _ => Failure.Io,
    };
}
