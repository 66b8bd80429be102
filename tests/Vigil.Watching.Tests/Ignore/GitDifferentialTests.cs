using System.Globalization;
using System.Text;

namespace Vigil.Watching.Tests;

/// <summary>The rules against git's own answers. Set VIGIL_SEED to replay a run.</summary>
public sealed class GitDifferentialTests(ITestOutputHelper log)
{
    [Theory]
    [InlineData(1)]
    [InlineData(20260214)]
    [InlineData(null)]
    public void Random_rules_and_paths(int? fixedSeed)
    {
        int seed = fixedSeed ?? SeedOfThisRun();
        log.WriteLine($"VIGIL_SEED={seed}");
        var generator = new IgnoreCaseGenerator(new Random(seed));
        Compare([.. Enumerable.Range(0, 120).Select(_ => generator.Next())], $"VIGIL_SEED={seed}");
    }

    [Fact]
    public void Every_byte_in_every_class()
    {
        string[] classes =
        [
            "[:alnum:]", "[:alpha:]", "[:blank:]", "[:cntrl:]", "[:digit:]", "[:graph:]", "[:lower:]", "[:print:]",
            "[:punct:]", "[:space:]", "[:upper:]", "[:xdigit:]", "![:alpha:]", "^[:space:]", "\x80-\xFF", " -~", "+--",
        ];
        Compare([.. classes.Select(members => CaseOf($"x[{members}]\n", EveryByte()))], "bytes");
    }

    [Theory]
    // Corners that a random generator seldom builds.
    [InlineData("**\\/b\n", "b", "a/b", "a/a/b")]
    [InlineData("a/**\\/b\n", "a/b", "a/x/b", "a/x/y/b")]
    [InlineData("a\\/b\n", "a/b", "b", "x/a/b")]
    [InlineData("\\/a\n", "a", "b/a")]
    [InlineData("//a\n", "a", "b/a")]
    [InlineData("a//b\na//\n**//\n", "a/b", "a", "b")]
    [InlineData("/\n!/\n!\n//\n", "a", "b/c")]
    [InlineData("a[/]b\na[!x]b\na[b/c\n", "a/b", "a", "b")]
    [InlineData("**/**\n!**/b/**\n", "a", "b/c", "b/b/b")]
    [InlineData("/**\n!/**/a\n", "a", "b/a", "b/c")]
    [InlineData("[[:]\n[[:x]\n[[::]]\n[[:alpha:\n[[:alpha]\n", "[", ":", "x", "a]", "[]", ":]", "a")]
    [InlineData("[]-a]\n[!]-a]x\n[a-]\n[--0]\n", "]", "^", "_", "a", "-", ".x", "bx", "0")]
    [InlineData("[\\]-a]y\n[a-\\c]z\n", "]y", "^y", "by", "bz", "dz")]
    [InlineData("[!\n[^\n[!]\n[a-\n[\\\n\\\n", "[", "!", "]", "a", "\\")]
    [InlineData("a\\ \nb\\\\ \nc\\\\\\ \nd\t \n  \n\\ \n", "a ", "b\\", "c\\ ", "d\t", " ", "a", "b")]
    [InlineData("a\r\nb \r\nc\r\r\n\r\nd\0e\r\n f", "a", "b", "b ", "c", "c\r", "d", "f", " f")]
    [InlineData("#a\n\\#b\n!#a\n\\!c\n !d\n", "#a", "#b", "!c", "!d", " !d")]
    [InlineData("x?**/b\n*x**/b\n", "xb", "xxb", "xx/b", "xx/y/b", "xy/z/b")]
    public void Corners(string rules, params string[] paths) => Compare([CaseOf(rules, paths)], "corner");

    private static IgnoreCase CaseOf(string rules, IEnumerable<string> paths)
    {
        var made = new IgnoreCase();
        made.Files[""] = Encoding.Latin1.GetBytes(rules);
        foreach (string path in paths)
        {
            made.AddPath(path, isDirectory: false);
        }

        return made;
    }

    private static IEnumerable<string> EveryByte() =>
        Enumerable.Range(1, 255).Where(value => value != '/').Select(value => $"x{(char)value}");

    private void Compare(List<IgnoreCase> cases, string origin)
    {
        List<IgnoreVerdict> expected = GitCheckIgnore.Verdicts(cases);
        Assert.Equal(cases.Sum(c => c.Paths.Count), expected.Count);
        var differences = new List<string>();
        int next = 0;
        for (int i = 0; i < cases.Count; i++)
        {
            // As in the repository, the case is in a directory of its own, so that bases are not always zero.
            string root = string.Create(CultureInfo.InvariantCulture, $"{i}/");
            var files = cases[i].Files.ToDictionary(file => root + file.Key, file => file.Value);
            foreach ((string path, bool isDirectory) in cases[i].Paths)
            {
                IgnoreVerdict git = expected[next++];
                IgnoreVerdict ours = IgnoreWalk.Verdict(files, Encoding.Latin1.GetBytes(root + path), isDirectory);
                if (ours != git)
                {
                    string slash = isDirectory ? "/" : "";
                    differences.Add($"{IgnoreCase.Escape(path)}{slash}: git {git}, ours {ours}; {cases[i]}");
                }
            }
        }

        log.WriteLine($"{next} pairs: {string.Join(", ", expected.CountBy(verdict => verdict))}");
        Assert.True(
            differences.Count == 0,
            $"{origin}: {differences.Count} of {next} differ\n{string.Join('\n', differences.Take(20))}");
    }

    private static int SeedOfThisRun() =>
        int.TryParse(Environment.GetEnvironmentVariable("VIGIL_SEED"), CultureInfo.InvariantCulture, out int seed)
            ? seed
            : Random.Shared.Next();
}
