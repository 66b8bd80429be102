using System.Globalization;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching.Tests;

/// <summary>What this process has open, as /proc tells.</summary>
internal static class Descriptors
{
    /// <summary>How many inotify instances there are.</summary>
    internal static int CountInstances() => Inotify().Count();

    /// <summary>How many watches of all instances are on a directory or below it, by inode numbers.</summary>
    internal static int CountWatches(string root)
    {
        HashSet<ulong> inodes = [.. DiskWalk.Read(root).Keys.Select(InodeOf)];
        return Inotify().SelectMany(Watched).Count(inodes.Contains);
    }

    /// <summary>The events that the kernel is asked for of a directory, for each watch on it.</summary>
    internal static uint[] MasksOf(string directory)
    {
        string inode = string.Create(CultureInfo.InvariantCulture, $"ino:{InodeOf(directory):x}");
        return
        [
            .. from descriptor in Inotify()
               from line in TryRead("/proc/self/fdinfo/" + descriptor).Split('\n')
               let words = line.Split(' ')
               where words.Contains(inode)
               let mask = words.First(word => word.StartsWith("mask:", StringComparison.Ordinal))[5..]
               select uint.Parse(mask, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
        ];
    }

    /// <summary>How many watches there are at all.</summary>
    internal static int CountWatches() => Inotify().SelectMany(Watched).Count();

    /// <summary>The paths at or below a directory that are open.</summary>
    internal static string[] OpenBelow(string root) => [.. Links()
        .Select(link => link.Target)
        .Where(target => target.StartsWith(root, StringComparison.Ordinal))];

    /// <summary>How many threads have a name.</summary>
    internal static int CountThreads(string name) => Directory
        .GetDirectories("/proc/self/task")
        .Count(task => TryRead(Path.Combine(task, "comm")).TrimEnd() == name);

    private static ulong InodeOf(string latin1)
    {
        byte[] path = [.. System.Text.Encoding.Latin1.GetBytes(latin1), 0];
        return Stat.TryGet(path, followLinks: false, out FileStatus status) == Failure.None ? status.Inode : 0;
    }

    private static IEnumerable<string> Inotify() =>
        from link in Links() where link.Target == "anon_inode:inotify" select link.Number;

    private static IEnumerable<ulong> Watched(string descriptor) =>
        from line in TryRead("/proc/self/fdinfo/" + descriptor).Split('\n')
        where line.StartsWith("inotify wd:", StringComparison.Ordinal)
        let inode = line.Split(' ').First(word => word.StartsWith("ino:", StringComparison.Ordinal))[4..]
        select ulong.Parse(inode, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static IEnumerable<(string Number, string Target)> Links()
    {
        foreach (string path in Directory.GetFiles("/proc/self/fd"))
        {
            string? target = null;
            try
            {
                target = new FileInfo(path).LinkTarget;
            }
            catch (IOException)
            {
                // Closed meanwhile.
            }

            if (target is not null)
            {
                yield return (Path.GetFileName(path), target);
            }
        }
    }

    private static string TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
