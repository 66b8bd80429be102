using System.Text;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching.Tests;

/// <summary>What is on the disk, found by walking it, with names as bytes (kept as Latin-1).</summary>
internal static class DiskWalk
{
    /// <summary>Walks a tree.</summary>
    /// <param name="root">The directory; it is in the result, too.</param>
    /// <param name="isLeftOut">
    /// Says of a path relative to the root (without a slash at either end, as Latin-1), and whether it is a directory,
    /// that it is left out with all below it.
    /// </param>
    internal static Dictionary<string, EntryType> Read(string root, Func<string, bool, bool>? isLeftOut = null)
    {
        var found = new Dictionary<string, EntryType>(StringComparer.Ordinal);
        byte[] path = Encoding.UTF8.GetBytes(root + '\0');
        if (Stat.TryGet(path, followLinks: true, out FileStatus status) == Failure.None)
        {
            string text = Encoding.Latin1.GetString(path.AsSpan(0, path.Length - 1));
            found[text] = status.Type;
            using DirectoryHandle? handle = DirectoryHandle.TryOpen(path, followLink: true, out _);
            if (handle is not null)
            {
                Walk(handle, text, text.Length + 1, found, isLeftOut);
            }
        }

        return found;
    }

    private static void Walk(
        DirectoryHandle directory,
        string path,
        int rootLength,
        Dictionary<string, EntryType> found,
        Func<string, bool, bool>? isLeftOut)
    {
        byte[] buffer = new byte[32 << 10];
        int count;
        while ((count = directory.ReadEntries(buffer, out _)) > 0)
        {
            var entries = new DirectoryEntries(buffer.AsSpan(0, count));
            while (entries.MoveNext())
            {
                if (Stat.TryGetAt(directory, entries.TerminatedName, out FileStatus status) != Failure.None)
                {
                    continue;
                }

                string child = path + "/" + Encoding.Latin1.GetString(entries.TerminatedName[..^1]);
                bool isDirectory = status.Type == EntryType.Directory;
                if (isLeftOut is not null && isLeftOut(child[rootLength..], isDirectory))
                {
                    continue;
                }

                found[child] = status.Type;
                if (isDirectory)
                {
                    using DirectoryHandle? handle = directory.TryOpenAt(entries.TerminatedName, out _);
                    if (handle is not null)
                    {
                        Walk(handle, child, rootLength, found, isLeftOut);
                    }
                }
            }
        }
    }
}
