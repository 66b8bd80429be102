using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <summary>Where a path leads once every symbolic link on the way is followed, and where those links are.</summary>
/// <param name="RealPath">The path without links; as far as it exists.</param>
/// <param name="LinkDirectories">The directories that hold the links: a change there may lead the path
/// elsewhere.</param>
internal sealed record LinkChain(string RealPath, IReadOnlyList<string> LinkDirectories)
{
    // As many as the kernel follows, path_resolution(7).
    private const int MaxLinks = 40;

    internal static LinkChain Resolve(string path)
    {
        var directories = new List<string>();
        var rest = new Stack<string>(Enumerable.Reverse(Parts(path)));
        string current = "/";
        while (rest.TryPop(out string? name))
        {
            if (name == "..")
            {
                current = Path.GetDirectoryName(current) ?? "/";
                continue;
            }

            string next = Path.Combine(current, name);
            string? target = name == "." ? null : TargetOf(next);
            if (target is null || directories.Count == MaxLinks)
            {
                current = name == "." ? current : next;
                continue;
            }

            directories.Add(current);
            current = target.StartsWith('/') ? "/" : current;
            foreach (string part in Enumerable.Reverse(Parts(target)))
            {
                rest.Push(part);
            }
        }

        return new LinkChain(current, directories);
    }

    private static string[] Parts(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    private static string? TargetOf(string path) =>
        Stat.TryReadLink(PathText.ToTerminated(path)) is { } target ? PathText.FromBytes(target) : null;
}
