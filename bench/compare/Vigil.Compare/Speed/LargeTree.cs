namespace Vigil.Compare.Speed;

/// <summary>
/// 51,051 directories with 200,000 files: 50 directories of 20 of 50, and four files in each of the innermost.
/// </summary>
internal sealed class LargeTree
{
    private const int Outer = 50;
    private const int Middle = 20;
    private const int FilesEach = 4;

    private readonly int _leaves;

    private LargeTree(string root, int leaves)
    {
        Root = root;
        _leaves = leaves;
    }

    public string Root { get; }

    public int Directories => 1 + Outer + Outer * Middle + Outer * Middle * _leaves;

    public int Files => Outer * Middle * _leaves * FilesEach;

    /// <summary>The innermost directories that were made first, half-way and last.</summary>
    public IEnumerable<string> Probes =>
        [Leaf(0, 0, 0), Leaf(Outer / 2, Middle / 2, _leaves / 2), Leaf(Outer - 1, Middle - 1, _leaves - 1)];

    public static LargeTree Make(string root, int leaves)
    {
        LargeTree tree = new(root, leaves);
        for (int outer = 0; outer < Outer; outer++)
        {
            for (int middle = 0; middle < Middle; middle++)
            {
                for (int inner = 0; inner < leaves; inner++)
                {
                    string directory = tree.Leaf(outer, middle, inner);
                    Directory.CreateDirectory(directory);
                    for (int file = 0; file < FilesEach; file++)
                    {
                        File.WriteAllBytes(Path.Combine(directory, $"file{file}"), []);
                    }
                }
            }
        }

        return tree;
    }

    /// <summary>
    /// Reads every directory and stats every file once, so that the first tool finds the same caches as the last.
    /// </summary>
    public long Warm() =>
        new DirectoryInfo(Root).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => 1 + file.Length);

    private string Leaf(int outer, int middle, int inner) => Path.Combine(Root, $"a{outer}", $"b{middle}", $"c{inner}");
}
