using System.Globalization;

namespace Vigil.Platform.Linux;

/// <summary>
/// The limits of inotify(7) and how much of them this user has taken, read from /proc. Slow; for messages only.
/// </summary>
public static class Limits
{
    private const string WatchesName = "fs.inotify.max_user_watches";
    private const string InstancesName = "fs.inotify.max_user_instances";

    /// <summary>fs.inotify.max_user_watches: watches that one user may hold; -1 where it cannot be read.</summary>
    public static long MaxUserWatches => Read("/proc/sys/fs/inotify/max_user_watches");

    /// <summary>
    /// fs.inotify.max_user_instances: inotify instances that one user may hold; -1 where it cannot be read.
    /// </summary>
    public static long MaxUserInstances => Read("/proc/sys/fs/inotify/max_user_instances");

    /// <summary>
    /// fs.inotify.max_queued_events: events that one instance queues before it drops; -1 where it cannot be read.
    /// </summary>
    public static long MaxQueuedEvents => Read("/proc/sys/fs/inotify/max_queued_events");

    /// <summary>The watches that processes of this user hold, as far as /proc lets us see.</summary>
    public static long WatchesInUse() => Count(countWatches: true);

    /// <summary>The inotify instances that processes of this user hold, as far as /proc lets us see.</summary>
    public static long InstancesInUse() => Count(countWatches: false);

    /// <summary>
    /// The limit of watches with its value, how many are in use, and how to raise it, in one sentence.
    /// </summary>
    /// <returns>Words for a person.</returns>
    public static string DescribeWatches() => ErrnoAdvice.WatchLimit();

    // A user namespace has a count of its own (user.max_inotify_*, namespaces(7)); the smaller of the two is what
    // refused us.
    internal static (long Limit, string Name) EffectiveWatches() => Smaller(
        (MaxUserWatches, WatchesName),
        (Read("/proc/sys/user/max_inotify_watches"), "user.max_inotify_watches"));

    internal static (long Limit, string Name) EffectiveInstances() => Smaller(
        (MaxUserInstances, InstancesName),
        (Read("/proc/sys/user/max_inotify_instances"), "user.max_inotify_instances"));

    // Whether this process has no descriptor left, found by asking for one.
    internal static bool NoDescriptorLeft()
    {
        try
        {
            using Microsoft.Win32.SafeHandles.SafeFileHandle probe = File.OpenHandle("/dev/null");
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    internal static long Read(string path)
    {
        try
        {
            string text = File.ReadAllText(path).Trim();
            return long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out long value) ? value : -1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return -1;
        }
    }

    private static (long Limit, string Name) Smaller((long Limit, string Name) a, (long Limit, string Name) b) =>
        b.Limit >= 0 && b.Limit < a.Limit ? b : a;

    private static long Count(bool countWatches)
    {
        long count = 0;
        foreach (string process in SafeDirectories("/proc"))
        {
            if (!char.IsAsciiDigit(Path.GetFileName(process)[0]))
            {
                continue;
            }

            foreach (string descriptor in SafeFiles(process + "/fdinfo"))
            {
                count += CountIn(process, descriptor, countWatches);
            }
        }

        return count;
    }

    private static long CountIn(string process, string fdinfo, bool countWatches)
    {
        try
        {
            string? target = new FileInfo($"{process}/fd/{Path.GetFileName(fdinfo)}").LinkTarget;
            if (target is not "anon_inode:inotify")
            {
                return 0;
            }

            return countWatches
                ? File.ReadLines(fdinfo).LongCount(line => line.StartsWith("inotify wd:", StringComparison.Ordinal))
                : 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static string[] SafeDirectories(string path)
    {
        try
        {
            return Directory.GetDirectories(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string[] SafeFiles(string path)
    {
        try
        {
            return Directory.GetFiles(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
