using System.Text.RegularExpressions;

namespace Vigil.Repository.Tests;

/// <summary>
/// Every place where two threads or processes meet in memory without a lock has a name, which stands at all its ends
/// in the code of its library and in the table of that library's page.
/// </summary>
public sealed partial class SyncPointTests
{
    // Named by the places of both.
    public static TheoryData<string, string> Libraries => new()
    {
        { "src/Vigil.Rings/", "ring.md" },
        { "src/Vigil.Files/", "files.md" },
    };

    [Theory]
    [MemberData(nameof(Libraries))]
    public void The_page_says_which_there_are_and_in_which_files(string folder, string page) => Assert.Equal(
        Points(folder).Select(point => $"{point.Name}: {point.File}").Distinct().Order(StringComparer.Ordinal),
        OnPage(page).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Every_point_has_two_ends(string folder, string page) => Assert.All(
        Points(folder).GroupBy(point => point.Name),
        group => Assert.True(group.Count() > 1, $"{group.Key} has one end; {page}"));

    [Fact]
    public void There_are_none_without_a_page() => Assert.Equal(
        Points("src/").Length,
        Libraries.Sum(library => Points(library.Data.Item1).Length));

    private static (string Name, string File)[] Points(string folder) =>
    [
        .. from file in SourceFile.All
           where file.IsCode && file.Path.StartsWith(folder, StringComparison.Ordinal)
           from match in Marker().Matches(file.Text)
           from name in match.Groups[1].Value.Split(", ")
           select (name, Path.GetFileName(file.Path)),
    ];

    private static IEnumerable<string> OnPage(string page) =>
        from row in Row().Matches(File.ReadAllText(RepositoryRoot.Combine("docs", "internals", page)))
        from file in FileName().Matches(row.Groups[2].Value)
        select $"{row.Groups[1].Value}: {file.Value}";

    // At a statement; what a field's documentation says of it is not an end.
    [GeneratedRegex(@"// SYNC POINT: ([a-z]+(?:, [a-z]+)*)\b")]
    private static partial Regex Marker();

    [GeneratedRegex(@"^\| \*\*([a-z]+)\*\* \|(.*)$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\b[\w.]+\.cs\b")]
    private static partial Regex FileName();
}
