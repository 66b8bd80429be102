namespace Vigil.Native.Inotify;

/// <summary>The numbers of errno(3) that this library itself has to answer (x86-64, arm64).</summary>
internal static class Errno
{
    internal const int Ok = 0;
    internal const int ENOENT = 2;
    internal const int EINTR = 4;
    internal const int EIO = 5;
    internal const int E2BIG = 7;
    internal const int EAGAIN = 11;
    internal const int ENOMEM = 12;
    internal const int EACCES = 13;
    internal const int EINVAL = 22;
    internal const int EMFILE = 24;
    internal const int ENODATA = 61;
    internal const int EPROTO = 71;
    internal const int EUSERS = 87;
    internal const int EPROTONOSUPPORT = 93;
    internal const int EOPNOTSUPP = 95;
    internal const int EADDRINUSE = 98;
    internal const int ECONNRESET = 104;
    internal const int ENOBUFS = 105;
    internal const int ENOTCONN = 107;
    internal const int ETIMEDOUT = 110;
    internal const int ECANCELED = 125;
}
