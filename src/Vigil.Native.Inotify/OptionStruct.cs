using System.Runtime.InteropServices;

namespace Vigil.Native.Inotify;

/// <summary>A structure of options that begins with its own size, so that it may grow.</summary>
internal static unsafe class OptionStruct
{
    // No options will ever be that large; a size beyond is no size.
    private const int LargestSize = 4096;

    /// <summary>Reads what of the caller's structure this version knows.</summary>
    /// <param name="given">The caller's structure, of any size.</param>
    /// <param name="name">What it is called in vigil.h.</param>
    /// <param name="known">The same, with zeros where the caller's is shorter.</param>
    /// <returns>0, or EINVAL or E2BIG, with the text of the error set.</returns>
    internal static int Read<T>(T* given, string name, out T known)
        where T : unmanaged
    {
        known = default;
        nuint size = *(nuint*)given;
        if (size < (nuint)sizeof(nuint) || size > LargestSize)
        {
            return LastError.Set(Errno.EINVAL, $"{name}.size is {size}; set it to sizeof options");
        }

        var bytes = new ReadOnlySpan<byte>(given, (int)size);
        if (bytes.Length > sizeof(T) && bytes[sizeof(T)..].ContainsAnyExcept((byte)0))
        {
            return LastError.Set(Errno.E2BIG, $"{name} has fields that this version does not know");
        }

        bytes[..Math.Min(bytes.Length, sizeof(T))].CopyTo(MemoryMarshal.AsBytes(new Span<T>(ref known)));
        return Errno.Ok;
    }
}
