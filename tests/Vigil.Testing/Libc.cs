using System.Runtime.InteropServices;

namespace Vigil.Testing;

/// <summary>
/// The few calls that tests need and the runtime does not offer: signals by number, and names that are not UTF-8. The
/// product's own calls are in Vigil.Platform; tests do not use those, lest one error hide another.
/// </summary>
internal static partial class Libc
{
    internal const int ESRCH = 3;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true)]
    internal static unsafe partial int MakeDirectory(byte* path, uint mode);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true)]
    internal static unsafe partial int Rename(byte* from, byte* to);

    [LibraryImport("libc", EntryPoint = "creat", SetLastError = true)]
    internal static unsafe partial int Create(byte* path, uint mode);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);
}
