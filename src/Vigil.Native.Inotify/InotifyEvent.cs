using System.Runtime.InteropServices;

namespace Vigil.Native.Inotify;

/// <summary>struct inotify_event of sys/inotify.h, up to the name, which the kernel pads with NULs.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct InotifyEvent
{
    [FieldOffset(0)]
    public int Watch;

    [FieldOffset(4)]
    public uint Mask;

    [FieldOffset(8)]
    public uint Cookie;

    [FieldOffset(12)]
    public uint NameBytes;
}
