using Microsoft.Win32.SafeHandles;

namespace Vigil.IO.Tests;

/// <summary>A pipe: what is written at one end is read at the other, and until then a read waits.</summary>
internal sealed unsafe class Pipe : IDisposable
{
    internal Pipe()
    {
        int* ends = stackalloc int[2];
        Assert.Equal(0, Libc.MakePipe(ends, Libc.O_CLOEXEC));
        Output = new SafeFileHandle(ends[0], ownsHandle: true);
        Input = new SafeFileHandle(ends[1], ownsHandle: true);
    }

    /// <summary>One whose ends are both this, which it owns.</summary>
    internal Pipe(SafeFileHandle both) => (Output, Input) = (both, both);

    /// <summary>Where it is read.</summary>
    internal SafeFileHandle Output { get; }

    /// <summary>Where it is written.</summary>
    internal SafeFileHandle Input { get; }

    /// <summary>How many bytes are in it: ioctl_pipe(2).</summary>
    internal int Count => Libc.Ask(Output, Libc.FIONREAD, out int count) == 0 ? count : throw new IOException("ioctl");

    public void Dispose()
    {
        Output.Dispose();
        Input.Dispose();
    }

    internal void Write(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            Assert.Equal(bytes.Length, Libc.Write(Input, start, (nuint)bytes.Length));
        }
    }
}
