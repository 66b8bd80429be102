using System.Globalization;

namespace Vigil.Platform.Linux;

/// <summary>
/// The limits of inotify(7) and how much of them this user has taken, and other limits, read from /proc. Slow; for
/// messages, and for what is asked once.
/// </summary>
public static class Limits
{
    private const string WatchesName = "fs.inotify.max_user_watches";
    private const string InstancesName = "fs.inotify.max_user_instances";
    private const int CAP_SYS_ADMIN = 21;
    private const int CAP_SYS_RESOURCE = 24;

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

    /// <summary>
    /// How many descriptors of this user may be under way in Unix sockets before this process can send no more:
    /// RLIMIT_NOFILE, as ETOOMANYREFS of unix(7) says. <see cref="long.MaxValue"/> where a capability lifts the limit,
    /// or it cannot be read.
    /// </summary>
    public static long DescriptorsUnderWay()
    {
        const string Limit = "Max open files";
        const string Capabilities = "CapEff:";
        const ulong Lifting = (1ul << CAP_SYS_ADMIN) | (1ul << CAP_SYS_RESOURCE);
        string capabilities = Line("/proc/self/status", Capabilities);
        bool isLifted = ulong.TryParse(
            capabilities, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong effective)
            && (effective & Lifting) != 0;
        string soft = Line("/proc/self/limits", Limit).Split(' ')[0];
        return !isLifted && long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long limit)
            ? limit
            : long.MaxValue;
    }

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

    // What stands behind a name at the beginning of a line, or nothing.
    private static string Line(string path, string name)
    {
        try
        {
            string? line = File.ReadLines(path).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
            return line is null ? "" : line[name.Length..].Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
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
