using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>Groups of processes and signals to them: setpgid(2), kill(2). All members are thread-safe.</summary>
public static partial class ProcessGroup
{
    /// <summary>The group of this process.</summary>
    public static int Own => getpgrp();

    /// <summary>Sends a signal to all of a group that this process may signal.</summary>
    /// <param name="group">The id of the group; one that this process started and has not waited for.</param>
    /// <param name="signal">Which signal; 0 only looks.</param>
    /// <returns>Whether the group has a process, a zombie included.</returns>
    public static bool Send(int group, int signal) =>
        group > 1 && (kill(-group, signal) == 0 || Marshal.GetLastPInvokeError() != ErrnoTable.ESRCH);

    /// <summary>Stops this process until it gets SIGCONT, as Ctrl-Z does.</summary>
    public static void StopSelf() => _ = kill(Environment.ProcessId, SignalNumber.SIGSTOP);

    [LibraryImport("libc")]
    private static partial int getpgrp();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int processId, int signal);
}
