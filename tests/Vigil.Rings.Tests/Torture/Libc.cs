using System.Runtime.InteropServices;

namespace Vigil.Rings.Tests;

/// <summary>What only an attacker, or a very odd program, asks of the kernel.</summary>
internal static partial class Libc
{
    internal const int SOL_SOCKET = 1;
    internal const int SO_PASSCRED = 16;

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    internal static unsafe partial int SetSocketOption(int socket, int level, int option, int* value, int length);
}
