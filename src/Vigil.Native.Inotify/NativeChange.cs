using System.Runtime.InteropServices;

namespace Vigil.Native.Inotify;

/// <summary>vigil_change of vigil.h.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal unsafe struct NativeChange
{
    /// <summary>VIGIL_CHANGE_INITIAL.</summary>
    internal const ushort InitialFlag = 1;

    [FieldOffset(0)]
    public ulong Sequence;

    [FieldOffset(8)]
    public long TimeUs;

    [FieldOffset(16)]
    public byte* Path;

    [FieldOffset(24)]
    public byte* OldPath;

    [FieldOffset(32)]
    public byte* Reason;

    [FieldOffset(40)]
    public uint PathBytes;

    [FieldOffset(44)]
    public uint OldPathBytes;

    [FieldOffset(48)]
    public uint ReasonBytes;

    [FieldOffset(52)]
    public byte Kind;

    [FieldOffset(53)]
    public byte Type;

    [FieldOffset(54)]
    public ushort Flags;

    [FieldOffset(56)]
    public ulong Reserved;
}
