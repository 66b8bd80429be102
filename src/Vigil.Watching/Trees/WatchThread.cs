using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <summary>Starts the threads of tree watchers.</summary>
internal static class WatchThread
{
    /// <summary>Starts one that does not keep the process alive.</summary>
    /// <param name="body">What it does.</param>
    /// <param name="name">Its name, at most 15 bytes.</param>
    /// <param name="stackBytes">The size of its stack, or 0 for the usual one.</param>
    /// <returns>The thread.</returns>
    /// <exception cref="VigilException">EMFILE: the process has no descriptors left for it.</exception>
    internal static Thread Start(ThreadStart body, string name, int stackBytes = 0)
    {
        var thread = new Thread(body, stackBytes) { IsBackground = true, Name = name };
        try
        {
            thread.Start();
        }
        catch (OutOfMemoryException)
        {
            // The runtime takes two descriptors for a thread. It does not say so where there are none; these do.
            using EventFd one = EventFd.Create();
            using EventFd other = EventFd.Create();
            throw;
        }

        return thread;
    }
}
