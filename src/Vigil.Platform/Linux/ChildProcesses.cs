using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>
/// Learning what became of children, also of those that were adopted: waitid(2). All members are thread-safe; each
/// report goes to one caller.
/// </summary>
public static partial class ChildProcesses
{
    private const int P_ALL = 0;
    private const int P_PID = 1;
    private const int WNOHANG = 1;
    private const int WSTOPPED = 2;
    private const int WEXITED = 4;
    private const int WNOWAIT = 0x1000000;
    private const int CLD_EXITED = 1;
    private const int CLD_KILLED = 2;
    private const int CLD_DUMPED = 3;
    private const int CLD_STOPPED = 5;
    private const int PR_SET_CHILD_SUBREAPER = 36;

    // siginfo_t, the fields of SIGCHLD, on 64-bit machines (asm-generic/siginfo.h).
    private const int SignalInfoBytes = 128;
    private const int CodeOffset = 8;
    private const int ProcessOffset = 16;
    private const int StatusOffset = 24;

    /// <summary>
    /// From now on a descendant whose parent ends becomes a child of this process, whatever group or session it is in:
    /// PR_SET_CHILD_SUBREAPER(2const).
    /// </summary>
    public static void AdoptOrphans() => _ = prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);

    /// <summary>
    /// Whether there is any child, zombies included. After <see cref="AdoptOrphans"/> a descendant without a living
    /// parent is a child: where there is none, there is no descendant either, which no look at the process table can
    /// tell for certain.
    /// </summary>
    public static unsafe bool HasAny
    {
        get
        {
            byte* info = stackalloc byte[SignalInfoBytes];
            return waitid(P_ALL, 0, info, WEXITED | WNOHANG | WNOWAIT) == 0;
        }
    }

    /// <summary>Takes one report, if there is one. Does not wait.</summary>
    /// <param name="report">What became of which child.</param>
    /// <returns>False where nothing has happened, or there are no children.</returns>
    public static unsafe bool TryTake(out ChildReport report)
    {
        byte* info = stackalloc byte[SignalInfoBytes];
        while (true)
        {
            new Span<byte>(info, SignalInfoBytes).Clear();
            int result = waitid(P_ALL, 0, info, WEXITED | WSTOPPED | WNOHANG);
            if (result != 0 && Marshal.GetLastPInvokeError() == ErrnoTable.EINTR)
            {
                continue;
            }

            int id = *(int*)(info + ProcessOffset);
            if (result != 0 || id == 0)
            {
                report = default;
                return false;
            }

            ChildState? state = *(int*)(info + CodeOffset) switch
            {
                CLD_EXITED => ChildState.Exited,
                CLD_KILLED or CLD_DUMPED => ChildState.Killed,
                CLD_STOPPED => ChildState.Stopped,
                _ => null,
            };
            if (state is { } known)
            {
                report = new ChildReport(id, known, *(int*)(info + StatusOffset));
                return true;
            }
        }
    }

    /// <summary>Waits until one child has ended, and takes its report; other children are left alone.</summary>
    /// <param name="processId">The child.</param>
    /// <returns>Its exit status; -1 where a signal ended it, or somebody else took the report.</returns>
    public static unsafe int WaitForExit(int processId)
    {
        byte* info = stackalloc byte[SignalInfoBytes];
        int result;
        do
        {
            result = waitid(P_PID, (uint)processId, info, WEXITED);
        }
        while (result != 0 && Marshal.GetLastPInvokeError() == ErrnoTable.EINTR);
        return result == 0 && *(int*)(info + CodeOffset) == CLD_EXITED ? *(int*)(info + StatusOffset) : -1;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int waitid(int idType, uint id, void* info, int options);

    [LibraryImport("libc")]
    private static partial int prctl(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);
}
