namespace Vigil.Platform.Linux;

/// <summary>Waiting for descriptors: poll(2).</summary>
public static partial class Poll
{
    /// <summary>Whether the other end of a socket or a pipe is closed. Does not wait.</summary>
    /// <param name="handle">The descriptor.</param>
    /// <returns>Whether POLLHUP or POLLERR is told.</returns>
    /// <exception cref="ObjectDisposedException">The handle was disposed.</exception>
    public static unsafe bool IsHungUp(DescriptorHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        bool taken = false;
        try
        {
            handle.DangerousAddRef(ref taken);
            PollFd fd = new() { Fd = (int)handle.DangerousGetHandle() };
            return poll(&fd, 1, 0) > 0 && (fd.Revents & (POLLHUP | POLLERR)) != 0;
        }
        finally
        {
            if (taken)
            {
                handle.DangerousRelease();
            }
        }
    }

    /// <summary>
    /// Waits until one of the handles is readable, or <paramref name="priority"/> has something exceptional to tell
    /// (for /proc/self/mountinfo: the mounts changed, proc_pid_mountinfo(5)), or the time is over.
    /// </summary>
    /// <param name="first">A handle to wait for.</param>
    /// <param name="second">Another, or null.</param>
    /// <param name="priority">One to wait for with POLLPRI, or null.</param>
    /// <param name="timeoutMs">Milliseconds; -1 waits for ever. A signal ends the wait early, with nothing
    /// ready.</param>
    /// <returns>Which of them are ready.</returns>
    /// <exception cref="ObjectDisposedException">A handle was disposed.</exception>
    public static unsafe PollReady Wait(
        DescriptorHandle first, DescriptorHandle? second, DescriptorHandle? priority, int timeoutMs)
    {
        bool firstTaken = false, secondTaken = false, priorityTaken = false;
        try
        {
            first.DangerousAddRef(ref firstTaken);
            second?.DangerousAddRef(ref secondTaken);
            priority?.DangerousAddRef(ref priorityTaken);
            PollFd* fds = stackalloc PollFd[3];
            // A negative descriptor is skipped by the kernel (poll(2)).
            fds[0] = new PollFd { Fd = (int)first.DangerousGetHandle(), Events = POLLIN };
            fds[1] = new PollFd { Fd = second is null ? -1 : (int)second.DangerousGetHandle(), Events = POLLIN };
            fds[2] = new PollFd { Fd = priority is null ? -1 : (int)priority.DangerousGetHandle(), Events = POLLPRI };
            int count = poll(fds, 3, timeoutMs);
            if (count <= 0)
            {
                return PollReady.None;
            }

            return (fds[0].Revents != 0 ? PollReady.First : 0)
                | (fds[1].Revents != 0 ? PollReady.Second : 0)
                | (fds[2].Revents != 0 ? PollReady.Priority : 0);
        }
        finally
        {
            if (firstTaken)
            {
                first.DangerousRelease();
            }

            if (secondTaken)
            {
                second!.DangerousRelease();
            }

            if (priorityTaken)
            {
                priority!.DangerousRelease();
            }
        }
    }
}
