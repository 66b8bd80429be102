using Vigil.Bus;
using Vigil.Platform;
using Vigil.Rings;

namespace Vigil.Native.Inotify;

/// <summary>What a C program is told where a bus refuses something or fails.</summary>
internal static class BusError
{
    /// <summary>Notes a failure.</summary>
    /// <returns>The errno, to be answered.</returns>
    internal static int Set(Exception exception) => exception switch
    {
        AggregateException => Set(exception.GetBaseException()),
        BusException refused => LastError.Set(ErrnoOf(refused.Problem), refused.Message),
        RingException broken => LastError.Set(Errno.EPROTO, broken.Message),
        ObjectDisposedException or OperationCanceledException => SetEnded(),
        _ => LastError.Set(exception),
    };

    /// <summary>Notes the failure of a sync, which only fails where no answer can come any more.</summary>
    /// <returns>The errno, to be answered.</returns>
    internal static int SetOfSync(Exception exception) =>
        exception.GetBaseException() is BusException { Problem: BusProblem.Ended } ? SetEnded() : Set(exception);

    /// <summary>Why no descriptor came with a change; 0 where none was to come, or one did.</summary>
    internal static int ErrnoOf(Failure failure) => failure switch
    {
        Failure.None => Errno.Ok,
        Failure.NotFound => Errno.ENOENT,
        Failure.AccessDenied => Errno.EACCES,
        Failure.TooManyOpen => Errno.EMFILE,
        Failure.NotSupported => Errno.EOPNOTSUPP,
        Failure.TimedOut => Errno.ETIMEDOUT,
        _ => Errno.EIO,
    };

    private static int ErrnoOf(BusProblem problem) => problem switch
    {
        BusProblem.NoServer => Errno.ENOTCONN,
        BusProblem.Version => Errno.EPROTONOSUPPORT,
        BusProblem.TooMany => Errno.EUSERS,
        BusProblem.NotAllowed => Errno.EACCES,
        BusProblem.Unwatchable => Errno.ENOENT,
        BusProblem.TimedOut => Errno.ETIMEDOUT,
        BusProblem.Ended => Errno.ECONNRESET,
        BusProblem.AlreadyServed => Errno.EADDRINUSE,
        _ => Errno.EPROTO,
    };

    private static int SetEnded() =>
        LastError.Set(Errno.ECANCELED, "the subscription was closed or has ended\0"u8);
}
