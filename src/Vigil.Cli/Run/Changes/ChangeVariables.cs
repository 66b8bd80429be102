using Vigil.Platform;
using Vigil.Watching;

namespace Vigil.Cli.Run.Changes;

/// <summary>
/// The changes as variables with the names that watchexec gave them: lists of paths relative to a common directory,
/// sorted by their bytes and joined by colons.
/// </summary>
internal static class ChangeVariables
{
    /// <summary>What every one of the names begins with.</summary>
    public const string Prefix = "WATCHEXEC_";

    // One variable may have 128 KiB (MAX_ARG_STRLEN, execve(2)), and all of them share room with the arguments.
    private const int MostBytes = 64 * 1024;

    /// <summary>The variables, NAME=VALUE; none where they would be too long.</summary>
    public static List<byte[]> Of(IReadOnlyList<RunChange> changes)
    {
        Dictionary<string, SortedSet<string>> lists = new(StringComparer.Ordinal);
        List<string> all = [];
        foreach (RunChange change in changes)
        {
            string name = change.Kind switch
            {
                FileChangeKind.Created => "CREATED",
                FileChangeKind.Modified => "WRITTEN",
                FileChangeKind.Deleted => "REMOVED",
                FileChangeKind.Renamed => "RENAMED",
                _ => "META_CHANGED",
            };
            if (!lists.TryGetValue(name, out SortedSet<string>? list))
            {
                lists[name] = list = new SortedSet<string>(StringComparer.Ordinal);
            }

            foreach (string path in new[] { change.Path, change.OldPath }.OfType<string>())
            {
                list.Add(path);
                all.Add(path);
            }
        }

        if (all.Count == 0)
        {
            return [];
        }

        string common = CommonDirectory(all);
        List<byte[]> variables = [Entry("COMMON", common)];
        foreach ((string name, SortedSet<string> paths) in lists)
        {
            variables.Add(Entry(name, string.Join(':', paths.Select(path => RelativePath.Of(path, [common])))));
        }

        return variables.Sum(static entry => entry.Length) <= MostBytes ? variables : [];
    }

    private static byte[] Entry(string name, string value) => PathText.ToBytes($"{Prefix}{name}_PATH={value}");

    private static string CommonDirectory(List<string> paths)
    {
        string common = Path.GetDirectoryName(paths[0]) ?? "/";
        foreach (string path in paths)
        {
            while (common.Length > 1 && !path.StartsWith(common + "/", StringComparison.Ordinal))
            {
                common = Path.GetDirectoryName(common) ?? "/";
            }
        }

        return common;
    }
}
