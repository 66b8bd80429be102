using System.Globalization;
using System.Runtime.InteropServices;

namespace Vigil.Testing;

/// <summary>
/// Threads of this process as the kernel knows them: to wait until one sleeps, and to send one a signal.
/// </summary>
public static class NativeThread
{
    // poll(2) and ppoll(2), by which glibc does poll on arm64.
    private static readonly string[] PollCalls =
        RuntimeInformation.ProcessArchitecture == Architecture.X64 ? ["7", "271"] : ["73"];

    /// <summary>The kernel's number of the calling thread: gettid(2).</summary>
    public static int CurrentId =>
        int.Parse(Path.GetFileName(new FileInfo("/proc/thread-self").LinkTarget!), CultureInfo.InvariantCulture);

    /// <summary>
    /// Whether a thread waits in poll(2): proc_pid_syscall(5), or state S of proc_pid_stat(5) where a kernel was built
    /// without the former.
    /// </summary>
    /// <param name="id">The kernel's number of a thread of this process.</param>
    public static bool IsPolling(int id)
    {
        string call = $"/proc/self/task/{id}/syscall";
        if (File.Exists(call))
        {
            return PollCalls.Contains(File.ReadAllText(call).Split(' ')[0]);
        }

        // The name before the state stands in parentheses, and may hold some itself.
        string stat = File.ReadAllText($"/proc/self/task/{id}/stat");
        return stat.AsSpan(stat.LastIndexOf(')') + 2).StartsWith("S");
    }

    /// <summary>Sends a signal to one thread: tgkill(2).</summary>
    /// <param name="id">The kernel's number of a thread of this process.</param>
    /// <param name="signal">The signal.</param>
    public static void Send(int id, Signal signal)
    {
        if (Libc.KillThread(Environment.ProcessId, id, (int)signal) != 0)
        {
            throw new IOException($"tgkill: thread {id} takes no {signal}");
        }
    }
}
