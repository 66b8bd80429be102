using System.Text;

namespace Vigil.Watching.Tests;

public sealed class PathFilterTests
{
    [Fact]
    public void An_empty_filter_lets_everything_pass()
    {
        Assert.True(PathFilter.Empty.IsEmpty);
        Assert.False(PathFilter.Empty.IsExcluded("a"u8, isDirectory: true));
        Assert.True(PathFilter.Empty.IsReported("a"u8, isDirectory: false));
        Assert.False(new PathFilter(["a"], []).IsEmpty);
        Assert.False(new PathFilter([], ["a"]).IsEmpty);
    }

    [Theory]
    [InlineData("a.tmp", true)]
    [InlineData("src/a.tmp", true)]
    [InlineData("src/keep.tmp", false)]
    [InlineData(".git/", true)]
    [InlineData(".git", false)]
    [InlineData("src/a.cs", false)]
    public void Excludes_prune_and_silence(string path, bool isExcluded)
    {
        var filter = new PathFilter([], ["*.tmp", "!keep.tmp", ".git/"]);
        Assert.Equal(isExcluded, Ask(filter.IsExcluded, path));
        Assert.Equal(!isExcluded, Ask(filter.IsReported, path));
    }

    [Theory]
    [InlineData("a.cs", true)]
    [InlineData("src/deep/a.cs", true)]
    [InlineData("src/a.txt", false)]
    [InlineData("src/", false)]         // It leads to included files: watched, but not told.
    [InlineData("docs/", true)]
    [InlineData("docs/a.txt", true)]    // Below an included directory.
    [InlineData("docs/deep/", true)]
    [InlineData("docs/draft/", false)]
    [InlineData("docs/draft/a.txt", false)]
    [InlineData("docs/draft/a.cs", true)]
    [InlineData("docs", false)]
    public void Includes_choose_what_is_told_and_prune_nothing(string path, bool isReported)
    {
        var filter = new PathFilter(["*.cs", "docs/", "!docs/draft/"], []);
        Assert.False(Ask(filter.IsExcluded, path));
        Assert.Equal(isReported, Ask(filter.IsReported, path));
    }

    [Fact]
    public void An_exclude_wins_over_an_include()
    {
        var filter = new PathFilter(["*.cs"], ["gen.cs"]);
        Assert.False(Ask(filter.IsReported, "gen.cs"));
        Assert.True(Ask(filter.IsExcluded, "gen.cs"));
        Assert.True(Ask(filter.IsReported, "a.cs"));
    }

    [Fact]
    public void Excludes_tell_silence_from_an_explicit_no()
    {
        var filter = new PathFilter([], ["*.log", "!keep.log"]);
        Assert.Equal(IgnoreVerdict.Ignored, filter.MatchExcludes("a.log"u8, isDirectory: false));
        Assert.Equal(IgnoreVerdict.Included, filter.MatchExcludes("keep.log"u8, isDirectory: false));
        Assert.Equal(IgnoreVerdict.None, filter.MatchExcludes("a"u8, isDirectory: false));
        Assert.Equal(IgnoreVerdict.None, PathFilter.Empty.MatchExcludes("a"u8, isDirectory: false));
    }

    private delegate bool Question(ReadOnlySpan<byte> path, bool isDirectory);

    private static bool Ask(Question question, string path) =>
        question(Encoding.UTF8.GetBytes(path.TrimEnd('/')), path.EndsWith('/'));
}
