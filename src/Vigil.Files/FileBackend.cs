namespace Vigil.IO;

/// <summary>How the kernel is asked to read and write files.</summary>
public enum FileBackend
{
    /// <summary>
    /// At once in the calling thread where nothing has to be waited for; else by io_uring, or by threads where they are
    /// faster (buffered writes, opens that create) or io_uring is refused.
    /// </summary>
    Auto = 0,

    /// <summary>All of it in the calling thread, which waits where the kernel does.</summary>
    Inline,

    /// <summary>All of it by io_uring; what it is refused for is an error then.</summary>
    IoUring,

    /// <summary>All of it by threads of the thread pool.</summary>
    Threads,
}
