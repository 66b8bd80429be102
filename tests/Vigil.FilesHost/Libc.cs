using System.Runtime.InteropServices;

namespace Vigil.IO.Tests;

/// <summary>What a process asks of the kernel to have less.</summary>
internal static partial class Libc
{
    // The call is wrapped by no C library.
    internal static readonly long SYS_seccomp =
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 277 : 317;

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    internal static unsafe partial int ControlProcess(int option, ulong a, void* b, ulong c, ulong d);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static unsafe partial long Seccomp(long number, uint operation, uint flags, void* program);
}
