using System.Text;
using BenchmarkDotNet.Attributes;
using Vigil.Watching;

namespace Vigil.Benchmarks;

/// <summary>Asking ignore rules about a path; times are for one path against all ten patterns.</summary>
public class IgnoringBenchmark
{
    private const int PathCount = 6;
    private const int RoundCount = 100;

    private static readonly string[] Patterns =
    [
        "obj/", "bin/", "*.tmp", "/artifacts/", "node_modules/", "*.py[co]", "**/cache/**/*.dat",
        ".git/", "*~", "!keep.tmp",
    ];

    private static readonly (string Path, IgnoreVerdict Right)[] Paths =
    [
        ("src/program.cs", IgnoreVerdict.None),
        ("src/deep/er/still/program.cs", IgnoreVerdict.None),
        ("src/a.tmp", IgnoreVerdict.Ignored),
        ("src/keep.tmp", IgnoreVerdict.Included),
        ("lib/cache/one/two/three/x.dat", IgnoreVerdict.Ignored),
        ("tools/build.pyc", IgnoreVerdict.Ignored),
    ];

    private readonly IgnoreRules _rules = IgnoreRules.FromPatterns(Patterns, parent: null, baseLength: 0);
    private readonly byte[][] _paths = [.. Paths.Select(path => Encoding.UTF8.GetBytes(path.Path))];

    /// <summary>Six paths, of which some match nothing, some the last pattern, some one with stars.</summary>
    [Benchmark(OperationsPerInvoke = PathCount * RoundCount)]
    public int Match()
    {
        int right = 0;
        for (int round = 0; round < RoundCount; round++)
        {
            for (int i = 0; i < PathCount; i++)
            {
                right += _rules.Match(_paths[i], isDirectory: false) == Paths[i].Right ? 1 : 0;
            }
        }

        Answer.Expect(PathCount * RoundCount, right, "right verdicts");
        return right;
    }
}
