using System.Runtime.InteropServices;

namespace Vigil.IO.Tests;

/// <summary>Works under a filter of system calls that refuses io_uring, as containers have it: seccomp(2).</summary>
internal static class Refused
{
    private const int PR_SET_NO_NEW_PRIVS = 38;
    private const int SECCOMP_SET_MODE_FILTER = 1;
    private const uint SECCOMP_FILTER_FLAG_TSYNC = 1;
    private const uint SECCOMP_RET_ALLOW = 0x7fff0000;
    private const uint SECCOMP_RET_ERRNO = 0x00050000;
    private const ushort LoadWord = 0x20; // BPF_LD | BPF_W | BPF_ABS
    private const ushort JumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    private const ushort Return = 0x06; // BPF_RET | BPF_K
    private const uint SYS_io_uring_setup = 425;

    internal static async Task RunAsync(string folder, int errno)
    {
        Install((uint)errno);
        Parts.Say($"{Files.ResolveBackend()} {Files.FallbackReason}");
        string path = Path.Combine(folder, "file");
        await Files.WriteAllBytesAsync(path, new byte[300_000], WriteMode.Atomic);
        byte[] read = await Files.ReadAllBytesAsync(path, 300_000);
        Parts.Say($"read {read.Length}");
        int many = 0;
        await foreach (FileContent content in Files.ReadManyAsync(Enumerable.Repeat(path, 50)))
        {
            many += content.Bytes.Length;
        }

        Parts.Say($"many {many}");
        await using var forced = new FileEngine(new() { Backend = FileBackend.IoUring });
        try
        {
            Parts.Say($"wrong {forced.ResolveBackend()}");
        }
        catch (VigilException refused)
        {
            Parts.Say($"forced {refused.ErrnoName}");
        }
    }

    /// <summary>Lacks a descriptor, or memory: that is no reason to do without a ring for good.</summary>
    internal static void Lack(int errno)
    {
        Install((uint)errno);
        try
        {
            Parts.Say($"wrong {Files.ResolveBackend()}");
        }
        catch (VigilException refused)
        {
            Parts.Say($"told {refused.ErrnoName}");
        }
    }

    // For all threads of the process.
    private static unsafe void Install(uint errno)
    {
        Filter* filters = stackalloc Filter[]
        {
            new(LoadWord, 0, 0, 0),
            new(JumpIfEqual, 0, 1, SYS_io_uring_setup),
            new(Return, 0, 0, SECCOMP_RET_ERRNO | errno),
            new(Return, 0, 0, SECCOMP_RET_ALLOW),
        };
        var program = new FilterProgram { Count = 4, Filters = filters };
        if (Libc.ControlProcess(PR_SET_NO_NEW_PRIVS, 1, null, 0, 0) != 0
            || Libc.Seccomp(Libc.SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) != 0)
        {
            throw new IOException($"seccomp: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    // struct sock_filter and struct sock_fprog of linux/filter.h.
    private readonly struct Filter(ushort code, byte ifTrue, byte ifFalse, uint value)
    {
        public readonly ushort Code = code;
        public readonly byte IfTrue = ifTrue;
        public readonly byte IfFalse = ifFalse;
        public readonly uint Value = value;
    }

    private unsafe struct FilterProgram
    {
        public ushort Count;
        public Filter* Filters;
    }
}
