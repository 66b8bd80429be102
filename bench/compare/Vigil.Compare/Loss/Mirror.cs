using Vigil.Compare.Tools;

namespace Vigil.Compare.Loss;

/// <summary>
/// A tree that is kept by a tool's changes alone: it starts as a walk from before the tool was started, and must equal
/// a walk at the end. `renamed` moves everything below with it and replaces what was there.
/// </summary>
internal sealed class Mirror
{
    private readonly string _root;
    private readonly MirrorNode _top = new(isDirectory: true);

    private Mirror(string root)
    {
        _root = root;
    }

    /// <summary>
    /// Changes that made no sense when they came: for a parent, or an entry, that the mirror did not hold.
    /// </summary>
    public List<string> Oddities { get; } = [];

    public static Mirror Empty(string root) => new(root);

    public static Mirror Walk(string root)
    {
        Mirror mirror = new(root);
        Fill(mirror._top, new DirectoryInfo(root));
        return mirror;
    }

    public void Apply(Observation change)
    {
        switch (change.Kind)
        {
            case ObservedKind.Created:
                Put(change.Path, new MirrorNode(change.IsDirectory), change, mayReplace: false);
                break;
            case ObservedKind.Deleted:
                if (Take(change.Path) is null)
                {
                    Oddities.Add($"deleted what is not there: {change.Text}");
                }

                break;
            case ObservedKind.Renamed:
                if (Take(change.OldPath ?? "") is { } moved)
                {
                    Put(change.Path, moved, change, mayReplace: true);
                }
                else
                {
                    Oddities.Add($"renamed what is not there: {change.Text}");
                }

                break;
        }
    }

    /// <summary>
    /// The differences, one line each, paths relative to the root: "- " is on disk alone, "+ " in the mirror alone.
    /// </summary>
    public List<string> DifferencesFrom(Mirror disk)
    {
        List<string> differences = [];
        Compare(_top, disk._top, "", differences);
        return differences;
    }

    public int Count() => CountBelow(_top);

    private static int CountBelow(MirrorNode node) => node.Children.Values.Sum(child => 1 + CountBelow(child));

    private static void Fill(MirrorNode node, DirectoryInfo directory)
    {
        foreach (FileSystemInfo entry in directory.EnumerateFileSystemInfos())
        {
            bool isDirectory = entry is DirectoryInfo && entry.LinkTarget is null;
            MirrorNode child = new(isDirectory);
            node.Children.Add(entry.Name, child);
            if (isDirectory)
            {
                Fill(child, (DirectoryInfo)entry);
            }
        }
    }

    private static void Compare(MirrorNode mirror, MirrorNode disk, string path, List<string> differences)
    {
        foreach ((string name, MirrorNode child) in disk.Children)
        {
            if (!mirror.Children.TryGetValue(name, out MirrorNode? own) || own.IsDirectory != child.IsDirectory)
            {
                differences.Add($"- {path}{name}");
            }
            else
            {
                Compare(own, child, $"{path}{name}/", differences);
            }
        }

        foreach ((string name, MirrorNode own) in mirror.Children)
        {
            if (!disk.Children.TryGetValue(name, out MirrorNode? child) || own.IsDirectory != child.IsDirectory)
            {
                differences.Add($"+ {path}{name}");
            }
        }
    }

    private void Put(string path, MirrorNode node, Observation change, bool mayReplace)
    {
        if (Parent(path, out string name) is not { } parent)
        {
            Oddities.Add($"its parent is not there: {change.Text}");
        }
        else if (!parent.Children.TryAdd(name, node))
        {
            if (!mayReplace)
            {
                Oddities.Add($"created what is there already: {change.Text}");
            }

            parent.Children[name] = node;
        }
    }

    private MirrorNode? Take(string path) =>
        Parent(path, out string name) is { } parent && parent.Children.Remove(name, out MirrorNode? node) ? node : null;

    private MirrorNode? Parent(string path, out string name)
    {
        name = "";
        if (!path.StartsWith(_root + "/", StringComparison.Ordinal))
        {
            return null;
        }

        string[] names = path[(_root.Length + 1)..].Split('/');
        name = names[^1];
        MirrorNode? node = _top;
        foreach (string step in names.SkipLast(1))
        {
            node = node.Children.GetValueOrDefault(step);
            if (node is null)
            {
                return null;
            }
        }

        return node;
    }
}
