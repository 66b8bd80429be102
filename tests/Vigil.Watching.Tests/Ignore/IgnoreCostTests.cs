using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Vigil.Watching.Tests;

/// <summary>What a match may cost: no allocation, and never more than path times pattern.</summary>
public sealed class IgnoreCostTests
{
    [Fact]
    public void A_match_allocates_nothing()
    {
        IgnoreRules outer = IgnoreRules.FromPatterns(["*.tmp", "/build", "a/**/b*c?", "[a-z]*[0-9].log"], null, 0);
        IgnoreRules rules = IgnoreRules.FromPatterns(["obj/", "!keep.tmp", "**/x/y", "*a*b*"], outer, "src/"u8.Length);
        var filter = new PathFilter(["*.cs", "docs/"], [".git/", "*~"]);
        byte[][] paths = [.. new[] { "src/a/b/c.tmp", "src/keep.tmp", "src/x/y", "src/abc1.log", "src/docs/deep/file" }
            .Select(Encoding.UTF8.GetBytes)];

        int told = AskAll(rules, filter, paths);
        long before = GC.GetAllocatedBytesForCurrentThread();
        told += AskAll(rules, filter, paths);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.NotEqual(0, told);
    }

    /// <summary>A matcher that tries every split of these never comes back; ending at all is the test.</summary>
    [Fact]
    public void Many_stars_do_not_blow_up()
    {
        string stars = string.Concat(Enumerable.Repeat("*a", 100)) + "*b*?";
        string deep = string.Concat(Enumerable.Repeat("**/a*a/", 100)) + "b";
        string both = string.Concat(Enumerable.Repeat("**/*a*a*/", 50)) + "*b";
        IgnoreRules rules = IgnoreRules.FromPatterns([stars, deep, both, "/x" + stars], parent: null, baseLength: 0);

        byte[] name = Encoding.UTF8.GetBytes(new string('a', 255));
        byte[] path = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("aaaaaaa/", 500)) + "c");
        byte[] same = Encoding.UTF8.GetBytes("x" + new string('a', 254));
        Assert.Equal(IgnoreVerdict.None, rules.Match(name, isDirectory: false));
        Assert.Equal(IgnoreVerdict.None, rules.Match(path, isDirectory: false));
        Assert.Equal(IgnoreVerdict.None, rules.Match(same, isDirectory: false));
        Assert.Equal(IgnoreVerdict.Ignored, rules.Match([.. path[..^1], (byte)'b'], isDirectory: false));
    }

    /// <summary>Ignore files come from anybody: any bytes at all are read, and matched, without an exception.</summary>
    [Fact]
    public void Any_bytes_are_a_file_and_any_bytes_are_a_path()
    {
        Prop.ForAll(
            ArbMap.Default.ArbFor<byte[]>(),
            ArbMap.Default.ArbFor<byte[]>(),
            static (content, path) =>
            {
                IgnoreRules.FromFile(content, parent: null, baseLength: 0)?.Match(path, isDirectory: true);
                IgnorePattern.Parse(content, out _, out _);
            }).QuickCheckThrowOnFailure();
    }

    /// <summary>The same with the bytes that mean something to a glob.</summary>
    [Fact]
    public void Any_run_of_special_bytes_is_a_glob()
    {
        Gen<byte[]> globs = Gen.ArrayOf(Gen.Elements("*?[]!^-\\/:ab. \r\n#"u8.ToArray()));
        Prop.ForAll(
            globs.ToArbitrary(),
            globs.ToArbitrary(),
            static (content, path) =>
            {
                IgnoreRules.FromFile(content, parent: null, baseLength: 0)?.Match(path, isDirectory: true);
                bool canMatch = IgnorePattern.Parse(content, out string? problem, out _) is not null;
                return canMatch || problem is not null;
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    private static int AskAll(IgnoreRules rules, PathFilter filter, byte[][] paths)
    {
        int told = 0;
        for (int round = 0; round < 1000; round++)
        {
            foreach (byte[] path in paths)
            {
                told += (int)rules.Match(path, isDirectory: false);
                told += filter.IsExcluded(path, isDirectory: true) ? 1 : 0;
                told += filter.IsReported(path, isDirectory: false) ? 1 : 0;
            }
        }

        return told;
    }
}
