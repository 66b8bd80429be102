using System.Runtime.InteropServices;

namespace Vigil.Native.Inotify;

/// <summary>vigil_bus_change of vigil.h.</summary>
[StructLayout(LayoutKind.Explicit, Size = 96)]
internal struct NativeBusChange
{
    [FieldOffset(0)]
    public NativeChange Change;

    [FieldOffset(64)]
    public NativePosition Position;

    [FieldOffset(80)]
    public int Descriptor;

    [FieldOffset(84)]
    public int DescriptorError;

    [FieldOffset(88)]
    public ulong Reserved;
}
