using System.Runtime.InteropServices;
using Vigil.Watching;

namespace Vigil.Native.Inotify;

/// <summary>vigil_position of vigil.h.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct NativePosition
{
    [FieldOffset(0)]
    public ulong Epoch;

    [FieldOffset(8)]
    public ulong Number;

    internal NativePosition(ChangePosition position)
    {
        Epoch = position.Epoch;
        Number = (ulong)position.Number;
    }

    /// <summary>The same. A number that no tree can have becomes the largest, which no server keeps.</summary>
    internal readonly ChangePosition Value =>
        Epoch == 0 ? default : new ChangePosition(Epoch, (long)Math.Min(Number, long.MaxValue));
}
