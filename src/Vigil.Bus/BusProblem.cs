namespace Vigil.Bus;

/// <summary>Why a bus refused something, or could not be used.</summary>
public enum BusProblem
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    /// <summary>No server listens there.</summary>
    NoServer = 1,

    /// <summary>The other end speaks no version that this one knows.</summary>
    Version = 2,

    /// <summary>The other end does not keep the rules of the protocol.</summary>
    Protocol = 3,

    /// <summary>There are as many connections, trees or subscriptions as there may be, or a limit of the server's
    /// machine is reached: descriptors, inotify instances, watches, memory; or what holds the root does not answer
    /// (EIO). It may be tried again.</summary>
    TooMany = 4,

    /// <summary>The user or the root is not among those that are allowed, or permission for it is missing.</summary>
    NotAllowed = 5,

    /// <summary>The root is not there, or is nothing that can be watched.</summary>
    Unwatchable = 6,

    /// <summary>Nothing was said in time.</summary>
    TimedOut = 7,

    /// <summary>The server ends, or the connection to it did.</summary>
    Ended = 8,

    /// <summary>Another server serves at the same path.</summary>
    AlreadyServed = 9,
}
