using System.Runtime.InteropServices;

namespace Vigil.Watching;

/// <summary>struct inotify_event of linux/inotify.h up to its name, in the byte order of the machine.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct InotifyEventHeader
{
    internal readonly int Watch;
    internal readonly uint Mask;
    internal readonly uint Cookie;
    internal readonly uint Length;
}
