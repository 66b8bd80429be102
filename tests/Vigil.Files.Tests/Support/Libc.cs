using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vigil.IO.Tests;

/// <summary>What only a test asks of the kernel.</summary>
internal static partial class Libc
{
    internal const int F_GETFD = 1;

    [LibraryImport("libc", EntryPoint = "fcntl")]
    internal static partial int Control(SafeFileHandle descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int MakeFifo(string path, uint permissions);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    internal static unsafe partial int MakePipe(int* descriptors, int flags);
}
