using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vigil.IO.Tests;

/// <summary>What only a test asks of the kernel.</summary>
internal static partial class Libc
{
    internal const int F_GETFD = 1;
    internal const int O_CLOEXEC = 0x80000;
    internal const int POSIX_FADV_DONTNEED = 4;
    internal const nuint FIONREAD = 0x541B;

    [LibraryImport("libc", EntryPoint = "fcntl")]
    internal static partial int Control(SafeFileHandle descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int MakeFifo(string path, uint permissions);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    internal static unsafe partial int MakePipe(int* descriptors, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Ask(SafeFileHandle descriptor, nuint what, out int answer);

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    internal static partial int Advise(SafeFileHandle descriptor, long offset, long length, int advice);

    [LibraryImport("libc", EntryPoint = "write")]
    internal static unsafe partial nint Write(SafeFileHandle descriptor, byte* bytes, nuint count);
}
