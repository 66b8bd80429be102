using Vigil.Cli.Printing;
using Vigil.Watching;

namespace Vigil.Cli.Tests;

public sealed class FormatPrinterTests
{
    [Theory]
    [InlineData("%w%f %e", "/srv/data/a/b", "a/b created\n")]
    [InlineData("%w|%f", "/srv/data/b", "./|b\n")]
    [InlineData("%w|%f", "/etc/passwd", "/etc/|passwd\n")]
    [InlineData("%w|%f", "/srv/data/watched", "watched|\n")]
    [InlineData("%T", "/a", "2026-11-21T09:30:05.000042Z\n")]
    [InlineData("%f%n", "/a", "a\n")]
    [InlineData("%f%0", "/a", "a\0")]
    [InlineData("100%% %f", "/a", "100% a\n")]
    [InlineData("", "/a", "\n")]
    [InlineData("%f%%n", "/a", "a%n\n")]
    [InlineData("%:e", "/a", "created\n")]
    [InlineData("é%f\t", "/a", "éa\t\n")]
    public void Conversions_are_those_of_inotifywait(string format, string path, string printed) => Assert.Equal(
        printed, Printed.Text(Create(format), Printed.Change(System.Text.Encoding.UTF8.GetBytes(path))));

    [Theory]
    [InlineData("%e", "metadata,isdir\n")]
    [InlineData("%:e", "metadata:isdir\n")]
    [InlineData("%w|%f", "watched/|\n")]
    public void A_directory_is_marked_as_inotifywait_marks_it(string format, string printed) => Assert.Equal(
        printed,
        Printed.Text(
            Create(format), Printed.Change("/srv/data/watched"u8, FileChangeKind.Metadata, EntryType.Directory)));

    [Fact]
    public void A_rename_has_its_old_path() => Assert.Equal(
        "x/a > x/b\n", Printed.Text(Create("%o > %w%f"), Printed.Rename("/srv/data/x/a"u8, "/srv/data/x/b"u8)));

    [Fact]
    public void Names_are_told_as_they_are() => Assert.Equal(
        "a\n\"\u001b\n", Printed.Text(Create("%f"), Printed.Change("/a\n\"\u001b"u8)));

    [Fact]
    public void With_nul_a_record_ends_in_nul() => Assert.Equal(
        "a\0", Printed.Text(new FormatPrinter("%f", Printed.Relative, [], endsInNul: true), Printed.Change("/a"u8)));

    [Theory]
    [InlineData("%x", "unknown conversion '%x'")]
    [InlineData("%", "a % at the end")]
    public void A_wrong_format_is_told(string format, string problem)
    {
        Assert.Contains(problem, FormatPrinter.Check(format));
        Assert.Null(FormatPrinter.Check("%w%f %e %,e %T%0%n%%%o"));
    }

    private static FormatPrinter Create(string format) =>
        new(format, Printed.Relative, ["/srv/data/watched"], endsInNul: false);
}
