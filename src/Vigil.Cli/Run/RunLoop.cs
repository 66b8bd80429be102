using Vigil.Platform.Linux;

namespace Vigil.Cli.Run;

/// <summary>
/// The one place where <c>vigil run</c> waits: for descriptors, for other threads that wake it, and for time to pass.
/// <see cref="Wake"/> is thread-safe, the rest is for one thread.
/// </summary>
internal sealed class RunLoop : IDisposable
{
    private readonly Epoll _epoll = Epoll.Create();
    private readonly EventFd _wake = EventFd.Create();
    private readonly ulong[] _tokens = new ulong[16];

    public RunLoop() => Watch(_wake);

    /// <summary>Ends the wait, also one that has not begun.</summary>
    public void Wake() => _wake.Signal();

    /// <summary>Ends waits for as long as a descriptor is readable.</summary>
    public void Watch(DescriptorHandle handle) => _epoll.AddWhileReadable(handle, 0);

    /// <summary>Forgets a descriptor, before it is closed.</summary>
    public void Unwatch(DescriptorHandle handle) => _epoll.Remove(handle);

    /// <summary>Waits.</summary>
    /// <param name="longest">How long at most; infinite without a limit.</param>
    public void Wait(TimeSpan longest)
    {
        int timeoutMs = longest == Timeout.InfiniteTimeSpan
            ? Timeout.Infinite
            : (int)Math.Min(Math.Ceiling(longest.TotalMilliseconds), int.MaxValue);
        _ = _epoll.Wait(_tokens, timeoutMs);
        _wake.Drain();
    }

    public void Dispose()
    {
        _epoll.Dispose();
        _wake.Dispose();
    }
}
