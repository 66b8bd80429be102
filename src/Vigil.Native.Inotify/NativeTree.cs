using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Native.Inotify;

/// <summary>A tree watcher as a C program sees it. Thread-safe.</summary>
internal sealed unsafe class NativeTree : NativeStream
{
    private readonly TreeWatcher _watcher;

    private NativeTree(TreeWatcher watcher, EventFd ready)
        : base(watcher.Changes, ready) => _watcher = watcher;

    protected override ReadOnlySpan<byte> ClosedText => "the tree was closed\0"u8;

    protected override ReadOnlySpan<byte> EndText => "every watched path is gone; no change will come\0"u8;

    protected override int StrideBytes => sizeof(NativeChange);

    /// <summary>Starts one; returns when everything is watched.</summary>
    internal static NativeTree Open(IEnumerable<string> paths, TreeWatcherOptions options)
    {
        EventFd ready = EventFd.Create();
        try
        {
            return new NativeTree(TreeWatcher.StartAsync(paths, options).GetAwaiter().GetResult(), ready);
        }
        catch
        {
            ready.Dispose();
            throw;
        }
    }

    /// <summary>Waits until all that happened before is in the channel.</summary>
    internal int Sync(int timeoutMs)
    {
        if (!_watcher.SyncAsync().Wait(Math.Max(timeoutMs, Timeout.Infinite)))
        {
            return LastError.Set(
                Errno.ETIMEDOUT, "the watcher is not there yet; read what is waiting, and try again\0"u8);
        }

        _ = IsReady();
        return Errno.Ok;
    }

    internal void Add(string path) => _watcher.AddAsync(path).GetAwaiter().GetResult();

    internal bool Remove(string path) => _watcher.RemoveAsync(path).GetAwaiter().GetResult();

    protected override void Stop() => _watcher.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
