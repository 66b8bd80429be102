using System.Runtime.InteropServices;

namespace Vigil.Storm;

/// <summary>The calls of the storm that .NET does not offer as they are.</summary>
internal static partial class Libc
{
    private const int AT_FDCWD = -100;
    private const uint RENAME_EXCHANGE = 2;

    internal static void Rename(string from, string to) => Check(rename(from, to));

    internal static void Exchange(string a, string b) => Check(renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE));

    internal static void Symlink(string target, string path) => Check(symlink(target, path));

    internal static void Link(string from, string to) => Check(link(from, to));

    internal static void Chmod(string path, int mode) => Check(chmod(path, mode));

    private static void Check(int result)
    {
        if (result != 0)
        {
            throw new IOException();
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rename(string from, string to);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int renameat2(int fromDirectory, string from, int toDirectory, string to, uint flags);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int symlink(string target, string path);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string from, string to);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chmod(string path, int mode);
}
