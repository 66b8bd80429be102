using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Vigil.Compare;

/// <summary>
/// The two calls that the harness needs and .NET does not offer: any signal to a child, and a child's CPU clock.
/// </summary>
internal static partial class Libc
{
    public const int SIGKILL = 9;
    public const int SIGTERM = 15;
    public const int SIGCONT = 18;
    public const int SIGSTOP = 19;

    public static void Signal(int processId, int signal)
    {
        if (Kill(processId, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>
    /// User and system time of a process, all its threads, also those that ended. To the nanosecond, where the ticks in
    /// /proc/PID/stat are 10 ms: clock_getcpuclockid(3) makes a process id a clock id as
    /// <c>~pid &lt;&lt; 3 | CPUCLOCK_SCHED</c>.
    /// </summary>
    public static TimeSpan CpuTime(int processId)
    {
        const int CpuClockSched = 2;
        if (ClockGetTime((~processId << 3) | CpuClockSched, out TimeSpec time) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int ClockGetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
