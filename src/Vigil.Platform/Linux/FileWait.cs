using Microsoft.Win32.SafeHandles;

namespace Vigil.Platform.Linux;

/// <summary>Waiting for an open file, where it is a pipe, a FIFO or a terminal: poll(2). Thread-safe.</summary>
public static class FileWait
{
    /// <summary>Lets a time pass: for what cannot be waited for, and is looked at again and again.</summary>
    /// <param name="timeoutMs">How long, in milliseconds; a signal ends it early.</param>
    public static unsafe void Pause(int timeoutMs) => _ = Poll.poll(null, 0, timeoutMs);

    /// <summary>Waits until something can be read, or nothing will ever come.</summary>
    /// <param name="handle">The open file. A regular file is always ready.</param>
    /// <param name="timeoutMs">How long at the most, in milliseconds.</param>
    /// <returns>Whether a read answers at once.</returns>
    /// <exception cref="ObjectDisposedException">The handle was closed.</exception>
    public static bool Readable(SafeFileHandle handle, int timeoutMs) => Ready(handle, Poll.POLLIN, timeoutMs);

    /// <summary>Waits until something can be written, or nobody will ever read it.</summary>
    /// <param name="handle">The open file. A regular file is always ready.</param>
    /// <param name="timeoutMs">How long at the most, in milliseconds.</param>
    /// <returns>Whether a write of some bytes answers at once.</returns>
    /// <exception cref="ObjectDisposedException">The handle was closed.</exception>
    public static bool Writable(SafeFileHandle handle, int timeoutMs) => Ready(handle, Poll.POLLOUT, timeoutMs);

    private static unsafe bool Ready(SafeFileHandle handle, short events, int timeoutMs)
    {
        ArgumentNullException.ThrowIfNull(handle);
        bool taken = false;
        try
        {
            handle.DangerousAddRef(ref taken);
            Poll.PollFd ready = new() { Fd = (int)handle.DangerousGetHandle(), Events = events };
            return Poll.poll(&ready, 1, timeoutMs) > 0;
        }
        finally
        {
            if (taken)
            {
                handle.DangerousRelease();
            }
        }
    }
}
