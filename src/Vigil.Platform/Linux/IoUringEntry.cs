using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>A submission queue entry: struct io_uring_sqe of linux/io_uring.h, 64 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
public struct IoUringEntry
{
    /// <summary>Its size.</summary>
    public const int SizeBytes = 64;

    /// <summary>What is asked for.</summary>
    [FieldOffset(0)]
    public IoUringCode Code;

    /// <summary>How it hangs together with others.</summary>
    [FieldOffset(1)]
    public IoUringEntryFlags Flags;

    /// <summary>Its priority.</summary>
    [FieldOffset(2)]
    public ushort Priority;

    /// <summary>The descriptor, or the index of a registered file.</summary>
    [FieldOffset(4)]
    public int Descriptor;

    /// <summary>The position in the file, in bytes.</summary>
    [FieldOffset(8)]
    public ulong Offset;

    /// <summary>A pointer: the memory, the vectors, the path; or what a cancellation is for.</summary>
    [FieldOffset(16)]
    public ulong Address;

    /// <summary>Bytes, vectors, or the permissions of a file that is made.</summary>
    [FieldOffset(24)]
    public uint Length;

    /// <summary>The flags of the operation itself: of open(2), fsync, the events of poll(2).</summary>
    [FieldOffset(28)]
    public uint OperationFlags;

    /// <summary>Comes back in the completion.</summary>
    [FieldOffset(32)]
    public ulong UserData;

    /// <summary>For an open into the table and a close out of it: the index in it, plus one.</summary>
    [FieldOffset(44)]
    public uint FileIndex;
}
