using System.Text;
using static Vigil.Watching.IgnoreVerdict;

namespace Vigil.Watching.Tests;

/// <summary>gitignore(5), sentence by sentence. A path that ends in '/' is a directory.</summary>
public sealed class GitignoreManualTests
{
    [Theory]
    // "A blank line matches no files, so it can serve as a separator for readability."
    [InlineData("\n\n*.o\n\n", "a.o", Ignored)]
    [InlineData("\n \n\n", "a", None)]
    // "A line starting with # serves as a comment."
    [InlineData("#a\n", "#a", None)]
    [InlineData("#a\n", "a", None)]
    [InlineData(" #a\n", " #a", Ignored)]
    // "Put a backslash in front of the first hash for patterns that begin with a hash."
    [InlineData("\\#a\n", "#a", Ignored)]
    // "Trailing spaces are ignored unless they are quoted with backslash."
    [InlineData("a   \n", "a", Ignored)]
    [InlineData("a\\ \n", "a ", Ignored)]
    [InlineData("a\\   \n", "a ", Ignored)]
    [InlineData("a\\ \\ \n", "a  ", Ignored)]
    [InlineData("a\\\\  \n", "a\\", Ignored)]
    [InlineData("a b  \n", "a b", Ignored)]
    [InlineData("a\t\n", "a\t", Ignored)]
    [InlineData(" a\n", "a", None)]
    // "An optional prefix "!" which negates the pattern; any matching file excluded by a previous pattern will become
    // included again."
    [InlineData("*.o\n!a.o\n", "a.o", Included)]
    [InlineData("*.o\n!a.o\n", "b.o", Ignored)]
    [InlineData("!a.o\n*.o\n", "a.o", Ignored)]
    // "It is not possible to re-include a file if a parent directory of that file is excluded."
    [InlineData("build\n!build/keep\n", "build/keep", Ignored)]
    [InlineData("build/*\n!build/keep\n", "build/keep", Included)]
    [InlineData("build/*\n!build/keep\n", "build/other", Ignored)]
    // "Put a backslash in front of the first "!" for patterns that begin with a literal "!"."
    [InlineData("\\!important!.txt\n", "!important!.txt", Ignored)]
    [InlineData("!important!.txt\n", "!important!.txt", None)]
    public void Lines(string rules, string path, object expected) => Check(rules, path, expected);

    [Theory]
    // "If there is a separator at the beginning or middle (or both) of the pattern, then the pattern is relative to the
    // directory level of the particular .gitignore file itself."
    [InlineData("/a\n", "a", Ignored)]
    [InlineData("/a\n", "b/a", None)]
    [InlineData("b/a\n", "b/a", Ignored)]
    [InlineData("b/a\n", "c/b/a", None)]
    [InlineData("/b/a\n", "b/a", Ignored)]
    // "Otherwise the pattern may also match at any level below the .gitignore level."
    [InlineData("a\n", "a", Ignored)]
    [InlineData("a\n", "c/b/a", Ignored)]
    [InlineData("a\n", "c/b/aa", None)]
    // "If there is a separator at the end of the pattern then the pattern will only match directories, otherwise the
    // pattern can match both files and directories."
    [InlineData("a/\n", "a/", Ignored)]
    [InlineData("a/\n", "a", None)]
    [InlineData("a/\n", "b/a/", Ignored)]
    [InlineData("a\n", "a/", Ignored)]
    // "A pattern doc/frotz/ matches doc/frotz directory, but not a/doc/frotz directory; however frotz/ matches frotz
    // and a/frotz that is a directory."
    [InlineData("doc/frotz/\n", "doc/frotz/", Ignored)]
    [InlineData("doc/frotz/\n", "a/doc/frotz/", None)]
    [InlineData("frotz/\n", "frotz/", Ignored)]
    [InlineData("frotz/\n", "a/frotz/", Ignored)]
    public void Separators(string rules, string path, object expected) => Check(rules, path, expected);

    [Theory]
    // "An asterisk "*" matches anything except a slash."
    [InlineData("a*c\n", "ac", Ignored)]
    [InlineData("a*c\n", "abbc", Ignored)]
    [InlineData("/a*c\n", "ab/c", None)]
    [InlineData("*\n", ".hidden", Ignored)]
    [InlineData("*.*\n", "a", None)]
    [InlineData("*a*b*c*\n", "xaxbxcx", Ignored)]
    [InlineData("*a*b*c*\n", "xaxcxbx", None)]
    // "The character "?" matches any one character except "/"." Git's characters are bytes.
    [InlineData("a?c\n", "abc", Ignored)]
    [InlineData("a?c\n", "ac", None)]
    [InlineData("/a?c\n", "a/c", None)]
    [InlineData("a??c\n", "aéc", Ignored)]
    [InlineData("a?c\n", "aéc", None)]
    // "The range notation, e.g. [a-zA-Z], can be used to match one of the characters in a range."
    [InlineData("[a-zA-Z]\n", "q", Ignored)]
    [InlineData("[a-zA-Z]\n", "Q", Ignored)]
    [InlineData("[a-zA-Z]\n", "1", None)]
    [InlineData("[!a-z]\n", "q", None)]
    [InlineData("[!a-z]\n", "1", Ignored)]
    [InlineData("[^a-z]\n", "1", Ignored)]
    [InlineData("[]a]\n", "]", Ignored)]
    [InlineData("[!]a]\n", "]", None)]
    [InlineData("[!]a]\n", "b", Ignored)]
    [InlineData("[a-]\n", "-", Ignored)]
    [InlineData("[-a]\n", "-", Ignored)]
    [InlineData("[a-c-e]\n", "d", None)]
    [InlineData("[a-c-e]\n", "-", Ignored)]
    [InlineData("[\\]]\n", "]", Ignored)]
    [InlineData("[\\a-c]\n", "b", Ignored)]
    [InlineData("[a-\\c]\n", "b", Ignored)]
    [InlineData("[*?]\n", "*", Ignored)]
    [InlineData("[*?]\n", "a", None)]
    [InlineData("[z-ab]\n", "b", Ignored)]
    [InlineData("[z-ab]\n", "y", None)]
    [InlineData("[z-ab]\n", "z", Ignored)]     // The first end is a member before the range is seen to be empty.
    [InlineData("a[/]b\n", "a/b", None)]
    [InlineData("a[!x]b\n", "a/b", None)]
    // fnmatch(3), and glob(7) for the classes.
    [InlineData("[[:digit:]]*.log\n", "1.log", Ignored)]
    [InlineData("[[:digit:]]*.log\n", "a.log", None)]
    [InlineData("[![:upper:]x]\n", "y", Ignored)]
    [InlineData("[![:upper:]x]\n", "X", None)]
    [InlineData("[[:alpha:]-z]\n", "-", Ignored)]
    [InlineData("[[:]\n", ":", Ignored)]
    [InlineData("[[:a]\n", "[", Ignored)]
    [InlineData("\\*\n", "*", Ignored)]
    [InlineData("\\*\n", "a", None)]
    [InlineData("\\a\\b\n", "ab", Ignored)]
    public void Wildcards(string rules, string path, object expected) => Check(rules, path, expected);

    [Theory]
    // "A leading "**" followed by a slash means match in all directories. For example, "**/foo" matches file or
    // directory "foo" anywhere, the same as pattern "foo"."
    [InlineData("**/foo\n", "foo", Ignored)]
    [InlineData("**/foo\n", "a/b/foo/", Ignored)]
    [InlineData("**/foo\n", "a/b/food", None)]
    // ""**/foo/bar" matches file or directory "bar" anywhere that is directly under directory "foo"."
    [InlineData("**/foo/bar\n", "foo/bar", Ignored)]
    [InlineData("**/foo/bar\n", "a/foo/bar", Ignored)]
    [InlineData("**/foo/bar\n", "foo/foo/bar", Ignored)]
    [InlineData("**/foo/bar\n", "foo/a/bar", None)]
    // "A trailing "/**" matches everything inside. For example, "abc/**" matches all files inside directory "abc",
    // relative to the location of the .gitignore file, with infinite depth."
    [InlineData("abc/**\n", "abc/d", Ignored)]
    [InlineData("abc/**\n", "abc/d/e/f", Ignored)]
    [InlineData("abc/**\n", "abc/", None)]
    [InlineData("abc/**\n", "a/abc/d", None)]
    [InlineData("abc/**\n!abc/*/\n!keep\n", "abc/d/e/keep", Ignored)]
    [InlineData("abc/**\n!abc/**/\n!keep\n", "abc/d/e/keep", Included)]
    // "A slash followed by two consecutive asterisks then a slash matches zero or more directories. For example,
    // "a/**/b" matches "a/b", "a/x/b", "a/x/y/b" and so on."
    [InlineData("a/**/b\n", "a/b", Ignored)]
    [InlineData("a/**/b\n", "a/x/b", Ignored)]
    [InlineData("a/**/b\n", "a/x/y/b", Ignored)]
    [InlineData("a/**/b\n", "a/x/y/c", None)]
    [InlineData("a/**/**/b\n", "a/b", Ignored)]
    [InlineData("a/**/b/**/c\n", "a/b/x/b/y/c", Ignored)]
    [InlineData("a/**/b/**/c\n", "a/x/c", None)]
    [InlineData("a/***/b\n", "a/x/y/b", Ignored)]
    [InlineData("**\n", "a/b", Ignored)]
    [InlineData("**/\n", "a", None)]
    [InlineData("**/\n", "a/", Ignored)]
    // "Other consecutive asterisks are considered regular asterisks and will match according to the previous rules."
    [InlineData("a**b\n", "axxb", Ignored)]
    [InlineData("/a**b\n", "a/b", None)]
    [InlineData("foo**/bar\n", "foox/bar", Ignored)]
    [InlineData("foo**/bar\n", "foox/y/bar", None)]
    [InlineData("foo**/bar\n", "foobar", None)]
    public void Consecutive_asterisks(string rules, string path, object expected) => Check(rules, path, expected);

    [Theory]
    // The section EXAMPLES.
    [InlineData("hello.*\n", "hello.txt", Ignored)]
    [InlineData("hello.*\n", "a/hello.java", Ignored)]
    [InlineData("/hello.*\n", "hello.c", Ignored)]
    [InlineData("/hello.*\n", "a/hello.java", None)]
    [InlineData("foo/\n", "foo/below", Ignored)]
    [InlineData("foo/\n", "foo", None)]
    [InlineData("doc/frotz\n", "doc/frotz", Ignored)]
    [InlineData("/doc/frotz\n", "doc/frotz", Ignored)]
    [InlineData("foo/*\n", "foo/test.json", Ignored)]
    [InlineData("foo/*\n", "foo/bar/", Ignored)]
    [InlineData("*.[oa]\n*.html\n!foo.html\n", "Documentation/foo.html", Included)]
    [InlineData("*.[oa]\n*.html\n!foo.html\n", "Documentation/gitignore.html", Ignored)]
    [InlineData("*.[oa]\n*.html\n!foo.html\n", "src/internal.o", Ignored)]
    [InlineData("vmlinux*\n!/vmlinux*\n", "arch/foo/kernel/vmlinux.lds.S", Ignored)]
    [InlineData("/*\n!/foo\n/foo/*\n!/foo/bar\n", "foo/bar/x", None)]
    [InlineData("/*\n!/foo\n/foo/*\n!/foo/bar\n", "foo/baz", Ignored)]
    [InlineData("/*\n!/foo\n/foo/*\n!/foo/bar\n", "other/x", Ignored)]
    public void Examples(string rules, string path, object expected) => Check(rules, path, expected);

    [Fact]
    public void A_star_does_not_match_what_is_deeper()
    {
        // "but it does not match "foo/bar/hello.c" (a regular file)": the pattern alone, though foo/bar is pruned.
        IgnoreRules rules = IgnoreRules.FromPatterns(["foo/*"], parent: null, baseLength: 0);
        Assert.Equal(None, rules.Match("foo/bar/hello.c"u8, isDirectory: false));
    }

    [Fact]
    public void Patterns_in_the_higher_level_files_are_overridden_by_those_in_lower_level_files()
    {
        var files = new Dictionary<string, byte[]>
        {
            [""] = "*.log\n/top\n"u8.ToArray(),
            ["src/"] = "!keep.log\n/gen\n"u8.ToArray(),
            ["src/deep/"] = "keep.log\n"u8.ToArray(),
        };
        Assert.Equal(Ignored, IgnoreWalk.Verdict(files, "keep.log"));
        Assert.Equal(Included, IgnoreWalk.Verdict(files, "src/keep.log"));
        Assert.Equal(Included, IgnoreWalk.Verdict(files, "src/other/keep.log"));
        Assert.Equal(Ignored, IgnoreWalk.Verdict(files, "src/deep/keep.log"));
        Assert.Equal(Ignored, IgnoreWalk.Verdict(files, "src/other.log"));

        // "These patterns match relative to the location of the .gitignore file."
        Assert.Equal(Ignored, IgnoreWalk.Verdict(files, "src/gen/"));
        Assert.Equal(None, IgnoreWalk.Verdict(files, "gen/"));
        Assert.Equal(None, IgnoreWalk.Verdict(files, "src/top"));
        Assert.Equal(Ignored, IgnoreWalk.Verdict(files, "top"));
    }

    [Theory]
    [InlineData("[\n")]
    [InlineData("[a\n")]
    [InlineData("[]\n")]
    [InlineData("[[:nosuch:]]\n")]
    [InlineData("[[::]]\n")]
    [InlineData("a\\\n")]
    [InlineData("!\n")]
    [InlineData("/\n")]
    [InlineData("!/\r\n")]
    [InlineData("# only a comment")]
    [InlineData("")]
    [InlineData("\uFEFF")]
    [InlineData("\r\n\r\n")]
    [InlineData("\0a\n")]
    public void A_file_without_an_effective_line_is_no_rules(string content) =>
        Assert.Null(IgnoreRules.FromFile(Encoding.UTF8.GetBytes(content), parent: null, baseLength: 0));

    [Theory]
    [InlineData("\uFEFFa\n", "a")]
    [InlineData("a\r\nb\r\n", "a")]
    [InlineData("a\r\nb\r\n", "b")]
    [InlineData("a\r\nb\r", "b")]
    [InlineData("a\nb", "b")]
    [InlineData("b \r\n", "b")]
    [InlineData("b\r\r\n", "b\r")]
    [InlineData("b\0c\n", "b")]
    public void Byte_order_mark_and_line_ends(string rules, string path) => Check(rules, path, Ignored);

    [Fact]
    public void Names_that_are_not_UTF8_match_byte_by_byte()
    {
        IgnoreRules? rules = IgnoreRules.FromFile([0xFF, (byte)'*', (byte)'\n'], parent: null, baseLength: 0);
        Assert.Equal(Ignored, rules!.Match([(byte)'d', (byte)'/', 0xFF, 0xFE], isDirectory: false));
        Assert.Equal(None, rules.Match([0xFE, 0xFF], isDirectory: false));
    }

    [Fact]
    public void A_base_directory_is_not_below_itself()
    {
        IgnoreRules outer = IgnoreRules.FromPatterns(["src"], parent: null, baseLength: 0);
        IgnoreRules rules = IgnoreRules.FromPatterns(["!*"], outer, baseLength: "src/"u8.Length);
        Assert.Equal(Ignored, rules.Match("src"u8, isDirectory: true));
        Assert.Equal(Included, rules.Match("src/a"u8, isDirectory: false));
    }

    // The enum is internal, and so cannot be in the signature of a public theory.
    private static void Check(string rules, string path, object expected) =>
        Assert.Equal((IgnoreVerdict)expected, IgnoreWalk.Verdict(rules, path));
}
