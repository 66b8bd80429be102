using System.Runtime.InteropServices;
using Vigil.Platform;

namespace Vigil.Native.Inotify;

/// <summary>Texts of a C program: bytes that end in a NUL.</summary>
internal static unsafe class NativeText
{
    /// <summary>A text or a path, which may be of any bytes.</summary>
    internal static string Read(byte* text) =>
        PathText.FromBytes(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));

    /// <summary>Several of them.</summary>
    /// <param name="texts">An array of pointers.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="add">Takes each.</param>
    /// <param name="name">What the caller calls it.</param>
    /// <returns>0; or EINVAL where one of the pointers is NULL, with the text of the error set.</returns>
    internal static int ReadAll(byte** texts, nuint count, Action<string> add, string name)
    {
        for (nuint i = 0; i < count; i++)
        {
            if (texts is null || texts[i] is null)
            {
                return LastError.Set(Errno.EINVAL, $"{name}: {count} texts are said to be there, and one is NULL");
            }

            add(Read(texts[i]));
        }

        return Errno.Ok;
    }
}
