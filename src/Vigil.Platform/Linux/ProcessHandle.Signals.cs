using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <content>Signals to exactly this process: pidfd_send_signal(2).</content>
public sealed partial class ProcessHandle
{
    private const long SYS_pidfd_send_signal = 424;

    /// <summary>Sends a signal. Its number cannot be another process's: the descriptor knows which one it is.</summary>
    /// <param name="signal">Which signal.</param>
    /// <returns><see cref="Failure.None"/>; AccessDenied where it belongs to somebody else; Io where it has ended and
    /// was waited for (ESRCH).</returns>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public Failure Send(int signal)
    {
        bool isTaken = false;
        try
        {
            DangerousAddRef(ref isTaken);
            return syscall(SYS_pidfd_send_signal, (int)handle, signal, 0, 0) == 0
                ? Failure.None
                : ErrnoTable.Classify(Marshal.GetLastPInvokeError());
        }
        finally
        {
            if (isTaken)
            {
                DangerousRelease();
            }
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, long descriptor, long signal, nint info, ulong flags);
}
