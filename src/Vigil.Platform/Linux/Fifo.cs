using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vigil.Platform.Linux;

/// <summary>FIFOs: who else has one open, asked without taking anything out of it: tee(2). Thread-safe.</summary>
public static partial class Fifo
{
    private const uint SPLICE_F_NONBLOCK = 2;

    /// <summary>
    /// Whether a FIFO that was opened with <see cref="OpenFlags.NonBlocking"/> has a writer now, or bytes of one.
    /// poll(2) does not tell of a writer that has not written yet; tee(2), into a pipe that is thrown away, answers
    /// EAGAIN where one is there and 0 where none is.
    /// </summary>
    /// <param name="handle">The FIFO, open for reading.</param>
    /// <returns>Whether it has; false as well where there is no descriptor left to ask with.</returns>
    /// <exception cref="ObjectDisposedException">The handle was closed.</exception>
    public static unsafe bool HasWriter(SafeFileHandle handle)
    {
        int* ends = stackalloc int[2];
        if (pipe2(ends, FileOpen.O_CLOEXEC) != 0)
        {
            return false;
        }

        using SafeFileHandle output = new(ends[0], ownsHandle: true);
        using SafeFileHandle input = new(ends[1], ownsHandle: true);
        KernelResult result = KernelResult.Of(tee(handle, input, 1, SPLICE_F_NONBLOCK));
        return result.Value > 0 || result.Failure == Failure.WouldBlock;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int pipe2(int* descriptors, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint tee(SafeFileHandle input, SafeFileHandle output, nuint count, uint flags);
}
