using System.Text;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching.Tests;

/// <summary>What is on the disk, found by walking it, with names as bytes (kept as Latin-1).</summary>
internal static class DiskWalk
{
    internal static Dictionary<string, EntryType> Read(string root)
    {
        var found = new Dictionary<string, EntryType>(StringComparer.Ordinal);
        byte[] path = Encoding.UTF8.GetBytes(root + '\0');
        if (Stat.TryGet(path, followLinks: true, out FileStatus status) == Failure.None)
        {
            found[Encoding.Latin1.GetString(path.AsSpan(0, path.Length - 1))] = status.Type;
            using DirectoryHandle? handle = DirectoryHandle.TryOpen(path, followLink: true, out _);
            if (handle is not null)
            {
                Walk(handle, Encoding.Latin1.GetString(path.AsSpan(0, path.Length - 1)), found);
            }
        }

        return found;
    }

    private static void Walk(DirectoryHandle directory, string path, Dictionary<string, EntryType> found)
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
                found[child] = status.Type;
                if (status.Type == EntryType.Directory)
                {
                    using DirectoryHandle? handle = directory.TryOpenAt(entries.TerminatedName, out _);
                    if (handle is not null)
                    {
                        Walk(handle, child, found);
                    }
                }
            }
        }
    }
}
