using Vigil.Compare.Tools;

namespace Vigil.Compare.Report;

/// <summary>What was measured on: enough to judge the numbers, nothing that names a person or a host.</summary>
internal sealed record Machine(
    string Date,
    int Cores,
    string Processor,
    long MemoryMib,
    string Kernel,
    string System,
    IReadOnlyList<string> FileSystems,
    int MaxQueuedEvents,
    int MaxUserWatches,
    string LoadAtStart,
    string LoadAtEnd,
    double StolenPercent,
    IReadOnlyDictionary<string, string> Versions,
    IReadOnlyList<string> LeftOut)
{
    public static Machine Describe(Settings settings, ToolSet tools, MachineLoad load) => Describe(
        settings, tools.Tools.ToDictionary(tool => tool.Title, tool => tool.Version), tools.Missing, load);

    public static Machine Describe(
        Settings settings,
        IReadOnlyDictionary<string, string> versions,
        IReadOnlyList<string> leftOut,
        MachineLoad load) => new(
        DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'"),
        Environment.ProcessorCount,
        Value("/proc/cpuinfo", "model name", ':'),
        long.Parse(Value("/proc/meminfo", "MemTotal", ':').Split(' ')[0]) / 1024,
        File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        Value("/etc/os-release", "PRETTY_NAME", '=').Trim('"'),
        [.. settings.Parents.Select(FileSystemOf)],
        int.Parse(File.ReadAllText("/proc/sys/fs/inotify/max_queued_events")),
        int.Parse(File.ReadAllText("/proc/sys/fs/inotify/max_user_watches")),
        load.AverageAtStart,
        MachineLoad.Average(),
        load.StolenPercent(),
        versions,
        leftOut);

    /// <summary>
    /// The type of the file system that a folder is on: that of the longest mount point above it, proc(5).
    /// </summary>
    public static string FileSystemOf(string folder)
    {
        string path = Path.GetFullPath(folder);
        string best = "";
        string type = "unknown";
        foreach (string line in File.ReadLines("/proc/self/mounts"))
        {
            string[] fields = line.Split(' ');
            string point = fields[1].Replace("\\040", " ", StringComparison.Ordinal);
            string prefix = point.EndsWith('/') ? point : point + "/";
            if ((path + "/").StartsWith(prefix, StringComparison.Ordinal) && prefix.Length >= best.Length)
            {
                best = prefix;
                type = fields[2];
            }
        }

        return type;
    }

    public IEnumerable<string> ToMarkdown()
    {
        yield return $"- {Date}; {Cores} cores, {Processor}, {MemoryMib} MiB; {System}, Linux {Kernel}";
        if (FileSystems.Count > 0)
        {
            yield return $"- file systems: {string.Join(", ", FileSystems)}; `max_queued_events` {MaxQueuedEvents}, "
                + $"`max_user_watches` {MaxUserWatches}";
        }

        yield return $"- load average at the start {LoadAtStart}, at the end {LoadAtEnd}; "
            + $"{StolenPercent:0.0} % of the processor time was taken by other virtual machines";
        foreach ((string title, string version) in Versions)
        {
            yield return $"- {title}: {version}";
        }

        if (LeftOut.Count > 0)
        {
            yield return $"- **not on this machine, left out: {string.Join(", ", LeftOut)}**";
        }
    }

    private static string Value(string file, string name, char separator) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(separator) + 1)..].Trim()
            : "unknown";
}
