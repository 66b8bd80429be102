using System.Globalization;

namespace Vigil.Platform.Linux;

/// <summary>
/// How much memory can still be had: proc_meminfo(5), and memory.max of cgroups(7). Where a lot is asked for at once
/// the kernel does not always refuse; it may kill a process instead, so whoever wants a lot asks here first.
/// Thread-safe.
/// </summary>
public static class MachineMemory
{
    private const string CgroupRoot = "/sys/fs/cgroup";
    private const long BytesPerKibibyte = 1024;

    /// <summary>Bytes that can be had without swapping others out, or <see cref="long.MaxValue"/> if that is
    /// unknown.</summary>
    public static long AvailableBytes => Math.Min(OfMachine(), OfControlGroups());

    /// <summary>Refuses what there is not enough memory for.</summary>
    /// <param name="bytes">How much is wanted.</param>
    /// <exception cref="VigilException">ENOMEM, with what is available.</exception>
    public static void Require(ulong bytes)
    {
        long available = AvailableBytes;
        if (bytes > (ulong)available)
        {
            string remedy = string.Create(
                CultureInfo.InvariantCulture,
                $"{bytes} bytes of memory are wanted and {available} are available; ask for less, or free some");
            throw VigilException.Create("fallocate", ErrnoTable.ENOMEM, path: null, remedy);
        }
    }

    private static long OfMachine()
    {
        long kibibytes = Value(Lines("/proc/meminfo"), "MemAvailable:");
        return kibibytes >= 0 ? kibibytes * BytesPerKibibyte : long.MaxValue;
    }

    // Every group above counts too. Without version 2 of cgroups there is no line that begins so.
    private static long OfControlGroups()
    {
        long available = long.MaxValue;
        string? group = Lines("/proc/self/cgroup")
            .FirstOrDefault(line => line.StartsWith("0::/", StringComparison.Ordinal))?[3..];
        for (; group is not null; group = Path.GetDirectoryName(group))
        {
            long limit = Limits.Read($"{CgroupRoot}{group}/memory.max");
            if (limit >= 0)
            {
                available = Math.Min(available, Math.Max(0, limit - UsedFor($"{CgroupRoot}{group}")));
            }
        }

        return available;
    }

    // What only caches files is given back as soon as somebody needs it.
    private static long UsedFor(string group)
    {
        string[] statistics = Lines(group + "/memory.stat");
        return Limits.Read(group + "/memory.current")
            - Math.Max(0, Value(statistics, "inactive_file"))
            - Math.Max(0, Value(statistics, "active_file"))
            - Math.Max(0, Value(statistics, "slab_reclaimable"));
    }

    private static long Value(string[] lines, string name)
    {
        foreach (string line in lines)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 1 && words[0] == name
                && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out long value))
            {
                return value;
            }
        }

        return -1;
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
