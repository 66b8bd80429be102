namespace Vigil.Repository.Tests;

/// <summary>A text file of the repository, with its path from the root.</summary>
internal sealed record SourceFile(string Path)
{
    private static readonly string[] NotOurs = ["artifacts", ".git", "bin", "obj", "node_modules", ".vs", ".idea"];

    private static readonly Lazy<SourceFile[]> Everything = new(
        () => [.. Walk(RepositoryRoot.Path).Order(StringComparer.Ordinal).Select(path => new SourceFile(path))]);

    internal static IReadOnlyList<SourceFile> All => Everything.Value;

    internal string Name => System.IO.Path.GetFileName(Path);

    internal string Folder => System.IO.Path.GetDirectoryName(Path) ?? "";

    internal string Text => File.ReadAllText(RepositoryRoot.Combine(Path));

    internal string[] Lines => File.ReadAllLines(RepositoryRoot.Combine(Path));

    internal bool IsCode => Path.EndsWith(".cs", StringComparison.Ordinal);

    internal bool IsIn(params string[] folders) =>
        folders.Any(folder => Path.StartsWith(folder + "/", StringComparison.Ordinal));

    /// <summary>All C# files of the product, its tests, benchmarks and samples.</summary>
    internal static IEnumerable<SourceFile> Code =>
        All.Where(file => file.IsCode && file.IsIn("src", "tests", "bench", "samples"));

    // Files and not what git lists: a new file is looked at before it is added.
    private static IEnumerable<string> Walk(string directory)
    {
        foreach (string entry in Directory.EnumerateFileSystemEntries(directory))
        {
            string path = System.IO.Path.GetRelativePath(RepositoryRoot.Path, entry);
            FileAttributes attributes = File.GetAttributes(entry);
            bool isLink = attributes.HasFlag(FileAttributes.ReparsePoint);
            if (isLink || NotOurs.Contains(System.IO.Path.GetFileName(entry)))
            {
                continue;
            }

            foreach (string file in attributes.HasFlag(FileAttributes.Directory) ? Walk(entry) : [path])
            {
                yield return file;
            }
        }
    }
}
