using System.Globalization;
using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>
/// A process, and never another one that got its number: pidfd_open(2). It tells that a process ended also while its
/// parent has not asked for its status (a zombie), where kill(2) still finds it. Thread-safe.
/// </summary>
public sealed partial class ProcessHandle : DescriptorHandle
{
    private const long SYS_pidfd_open = 434;

    private ProcessHandle(int descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Whether the process has ended.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public bool HasExited => Poll.Wait(this, null, null, timeoutMs: 0).HasFlag(PollReady.First);

    /// <summary>Opens a process by its number.</summary>
    /// <param name="processId">The number, as this process's pid namespace counts.</param>
    /// <param name="failure">Why there is none: NotFound where no process has the number; NotSupported before Linux
    /// 5.3; else <see cref="Failure.None"/>.</param>
    /// <returns>The handle, which the caller disposes, or null.</returns>
    public static ProcessHandle? TryOpen(int processId, out Failure failure)
    {
        int fd = (int)syscall(SYS_pidfd_open, processId, 0);
        failure = fd >= 0 ? Failure.None : ErrnoTable.Classify(Marshal.GetLastPInvokeError());
        return fd >= 0 ? new ProcessHandle(fd) : null;
    }

    /// <summary>
    /// The number of a process in the innermost pid namespace that it is in: what getpid(2) tells it. The last column
    /// of NSpid in proc_pid_status(5).
    /// </summary>
    /// <param name="processId">Its number as this process's pid namespace counts.</param>
    /// <returns>The number; -1 where it cannot be read.</returns>
    public static int InnermostId(int processId)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{processId}/status")
                .FirstOrDefault(text => text.StartsWith("NSpid:", StringComparison.Ordinal));
            return int.TryParse(line?.Split('\t', ' ')[^1], CultureInfo.InvariantCulture, out int number) ? number : -1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return -1;
        }
    }

    /// <summary>
    /// Whether some process has a number, a zombie included: kill(2) with signal 0. Only for kernels without pidfds:
    /// the number may be another process's by now.
    /// </summary>
    /// <param name="processId">The number.</param>
    /// <returns>Whether there is one; also where it may not be signalled.</returns>
    public static bool Exists(int processId) =>
        processId > 0 && (kill(processId, 0) == 0 || Marshal.GetLastPInvokeError() != ErrnoTable.ESRCH);

    /// <summary>Hands the descriptor over to a handle of its own, so that disposing this one closes nothing.</summary>
    /// <returns>The handle; the caller disposes it.</returns>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public ProcessHandle Move()
    {
        ObjectDisposedException.ThrowIf(IsClosed || IsInvalid, this);
        var moved = new ProcessHandle(Descriptor);
        SetHandleAsInvalid();
        return moved;
    }

    internal static ProcessHandle Adopt(int descriptor) => new(descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, long processId, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int processId, int signal);
}
