namespace Vigil.Watching.Tests;

/// <summary>Globs that a person typed are checked; the message says what is wrong, and where.</summary>
public sealed class GlobValidationTests
{
    private const string Unclosed = "a '[' is never closed; write \\[ for a bracket";
    private const string Unescaped = "nothing follows the '\\'; write \\\\ for a backslash";
    private const string EmptyName = "an empty name before or after a '/'; write one '/' between two names";
    private const string Dots =
        "a '.' or '..' matches nothing; paths start at the watched directory: build, not ./build";

    [Theory]
    [InlineData("[ab", Unclosed, 1)]
    [InlineData("é/[]", Unclosed, 3)]
    [InlineData("[a\\", Unclosed, 1)]
    [InlineData("[a-\\", Unclosed, 1)]
    [InlineData("!/[[:alpha:", Unclosed, 3)]
    [InlineData("a\\", Unescaped, 2)]
    [InlineData("a\\/", Unescaped, 2)]
    [InlineData("x[z-a]", "the range ends before it starts; write the lower end first, as in [a-z]", 3)]
    [InlineData(
        "[[:foo:]]",
        "unknown class [:foo:]; known are alnum, alpha, blank, cntrl, digit, graph, lower, print, punct, "
        + "space, upper, xdigit", 2)]
    [InlineData("a//b", EmptyName, 3)]
    [InlineData("a//", EmptyName, 3)]
    [InlineData("**//", EmptyName, 4)]
    [InlineData("./a", Dots, 1)]
    [InlineData("a/../b", Dots, 3)]
    [InlineData("..", Dots, 1)]
    [InlineData("a\0", "a NUL byte, which no name can hold", 2)]
    public void A_glob_that_cannot_be_meant_is_told(string glob, string what, int column) =>
        CheckRefused(glob, $"The glob '{glob}': {what} (column {column}).");

    [Theory]
    [InlineData("")]
    [InlineData("!")]
    [InlineData("/")]
    [InlineData("!/")]
    public void A_glob_without_a_name_is_told(string glob) =>
        CheckRefused(glob, $"The glob '{glob}': it names nothing.");

    [Theory]
    [InlineData("a")]
    [InlineData("!a")]
    [InlineData("/a/")]
    [InlineData("**")]
    [InlineData("**/")]
    [InlineData("/**")]
    [InlineData("a/**/b")]
    [InlineData("a/**/")]
    [InlineData("...")]
    [InlineData("[]]")]
    [InlineData("[[:]")]
    [InlineData("[[:a]")]
    [InlineData("\\[")]
    [InlineData("\\\\")]
    [InlineData("{a,b}")]
    [InlineData("名前*")]
    public void A_glob_that_can_be_meant_passes(string glob)
    {
        Assert.True(IgnoreRules.TryValidate(glob, out string? error), error);
        Assert.Null(error);
    }

    [Theory]
    [InlineData("#*#", "#notes#")]
    [InlineData("a ", "a ")]
    public void Only_files_have_comments_and_trailing_spaces(string glob, string name)
    {
        IgnoreRules rules = IgnoreRules.FromPatterns([glob], parent: null, baseLength: 0);
        Assert.Equal(IgnoreVerdict.Ignored, rules.Match(System.Text.Encoding.UTF8.GetBytes(name), isDirectory: false));
    }

    [Theory]
    [InlineData("a[", Unclosed, 2)]
    [InlineData("!", "it names nothing", 0)]
    [InlineData("a", null, 0)]
    public void A_pattern_can_be_checked_beforehand(string glob, string? what, int where)
    {
        Assert.Equal(what is null, GlobPattern.TryCheck(glob, out string? problem, out int column));
        Assert.Equal(what, problem);
        Assert.Equal(where, column);
    }

    private static void CheckRefused(string glob, string message)
    {
        Assert.False(IgnoreRules.TryValidate(glob, out string? error));
        Assert.Equal(message, error);
        ArgumentException thrown = Assert.Throws<ArgumentException>(
            () => IgnoreRules.FromPatterns(["fine", glob], parent: null, baseLength: 0));
        Assert.Equal(message, thrown.Message);
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => new PathFilter([glob], [])).Message);
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => new PathFilter([], [glob])).Message);
    }
}
