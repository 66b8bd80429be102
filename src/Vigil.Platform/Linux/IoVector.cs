using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>A piece of memory for readv(2) and writev(2): struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct IoVector
{
    /// <summary>The most that one call takes: IOV_MAX of limits.h.</summary>
    public const int MaxCount = 1024;

    /// <summary>Where it begins.</summary>
    public byte* Start;

    /// <summary>How many bytes it has.</summary>
    public nuint Length;
}
