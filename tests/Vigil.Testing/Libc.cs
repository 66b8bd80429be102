using System.Runtime.InteropServices;

namespace Vigil.Testing;

/// <summary>
/// The few calls that tests need and the runtime does not offer: signals by number, names that are not UTF-8, memory.
/// The
/// product's own calls are in Vigil.Platform; tests do not use those, lest one error hide another.
/// </summary>
internal static partial class Libc
{
    internal const int ESRCH = 3;
    internal const int PROT_NONE = 0;
    internal const int PROT_READ = 1;
    internal const int PROT_WRITE = 2;
    internal const int MAP_PRIVATE = 0x2;
    internal const int MAP_ANONYMOUS = 0x20;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "tgkill", SetLastError = true)]
    internal static partial int KillThread(int pid, int thread, int signal);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    internal static unsafe partial byte* Map(
        void* address, nuint length, int protection, int flags, int descriptor, long offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    internal static unsafe partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    internal static unsafe partial int Unmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true)]
    internal static unsafe partial int MakeDirectory(byte* path, uint mode);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true)]
    internal static unsafe partial int Rename(byte* from, byte* to);

    [LibraryImport("libc", EntryPoint = "creat", SetLastError = true)]
    internal static unsafe partial int Create(byte* path, uint mode);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);
}
