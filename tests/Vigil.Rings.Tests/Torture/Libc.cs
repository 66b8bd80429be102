using System.Runtime.InteropServices;

namespace Vigil.Rings.Tests;

/// <summary>What only an attacker, or a very odd program, asks of the kernel.</summary>
internal static partial class Libc
{
    internal const int SOL_SOCKET = 1;
    internal const int SO_PASSCRED = 16;

    internal const int F_ADD_SEALS = 1033;
    internal const uint MFD_ALLOW_SEALING = 2;

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int CreateMemoryFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate")]
    internal static partial int Truncate(int descriptor, long bytes);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    internal static partial int Control(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    internal static unsafe partial int SetSocketOption(int socket, int level, int option, int* value, int length);
}
