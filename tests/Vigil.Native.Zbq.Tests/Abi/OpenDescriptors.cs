namespace Vigil.Native.Zbq.Tests;

/// <summary>What this process has open of the kinds that a ring is made of, and what it has mapped of rings.</summary>
internal static class OpenDescriptors
{
    private static readonly string[] Kinds = ["socket:", "/memfd:", "anon_inode:"];

    /// <summary>The descriptors, each as its number and what it is.</summary>
    internal static string[] All => [.. Directory.EnumerateFileSystemEntries("/proc/self/fd")
        .Select(path => (Number: Path.GetFileName(path), Target: TargetOf(path)))
        .Where(entry => Kinds.Any(kind => entry.Target.StartsWith(kind, StringComparison.Ordinal)))
        .Select(entry => $"{entry.Number} {entry.Target}")
        .Order(StringComparer.Ordinal)];

    /// <summary>How many mappings there are of what a ring has in memory.</summary>
    internal static int Mappings => File.ReadLines("/proc/self/maps")
        .Count(line => line.Contains("/memfd:vigil", StringComparison.Ordinal));

    /// <summary>What a descriptor refers to; the same for two that refer to one socket.</summary>
    internal static string TargetOf(int descriptor) => TargetOf($"/proc/self/fd/{descriptor}");

    /// <summary>Whether close-on-exec is set: proc_pid_fdinfo(5).</summary>
    internal static bool IsCloseOnExec(int descriptor)
    {
        const int O_CLOEXEC = 0x80000;
        string flags = File.ReadLines($"/proc/self/fdinfo/{descriptor}")
            .First(line => line.StartsWith("flags:", StringComparison.Ordinal));
        return (Convert.ToInt32(flags[6..].Trim(), 8) & O_CLOEXEC) != 0;
    }

    private static string TargetOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget ?? "";
        }
        catch (IOException)
        {
            return ""; // closed meanwhile
        }
    }
}
