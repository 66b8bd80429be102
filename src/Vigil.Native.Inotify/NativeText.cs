using System.Runtime.InteropServices;
using System.Text;
using Vigil.Platform;

namespace Vigil.Native.Inotify;

/// <summary>Texts of a C program: bytes that end in a NUL.</summary>
internal static unsafe class NativeText
{
    /// <summary>A text or a path, which may be of any bytes.</summary>
    internal static string Read(byte* text) =>
        PathText.FromBytes(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));

    /// <summary>A path.</summary>
    /// <param name="path">The caller's, or null.</param>
    /// <param name="text">The same, or "".</param>
    /// <returns>0; or EINVAL where it is NULL, ENOENT where it is empty (path_resolution(7)), with the text of the
    /// error set.</returns>
    internal static int ReadPath(byte* path, out string text)
    {
        text = path is null ? "" : Read(path);
        return path is null ? LastError.Set(Errno.EINVAL, "the path is NULL\0"u8)
            : text.Length == 0 ? LastError.Set(Errno.ENOENT, "the path is empty\0"u8)
            : Errno.Ok;
    }

    /// <summary>Several paths; as <see cref="ReadPath"/>.</summary>
    internal static int ReadPaths(byte** paths, nuint count, List<string> texts)
    {
        int status = ReadAll(paths, count, texts.Add, "paths");
        return status == Errno.Ok && texts.Contains("")
            ? LastError.Set(Errno.ENOENT, $"path {texts.IndexOf("") + 1} of {count} is empty")
            : status;
    }

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

    /// <summary>Writes a text of ASCII as snprintf(3) does.</summary>
    /// <param name="whole">The text.</param>
    /// <param name="text">Where it goes, cut where it is too long, with a NUL; or null.</param>
    /// <param name="size">How many bytes there are.</param>
    /// <returns>How long the whole text is without its NUL.</returns>
    internal static nuint Write(string whole, byte* text, nuint size)
    {
        if (text is not null && size > 0)
        {
            int length = Math.Min(whole.Length, (int)Math.Min(size - 1, int.MaxValue));
            Encoding.ASCII.GetBytes(whole.AsSpan(0, length), new Span<byte>(text, length));
            text[length] = 0;
        }

        return (nuint)whole.Length;
    }
}
