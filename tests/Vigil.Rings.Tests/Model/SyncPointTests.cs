using System.Text.RegularExpressions;

namespace Vigil.Rings.Tests;

/// <summary>
/// Every place where two threads or processes meet in memory has a name, which stands at all its ends in the code and
/// in the table of docs/internals/ring.md.
/// </summary>
public sealed partial class SyncPointTests
{
    private static IReadOnlyList<(string Name, string File)> InCode { get; } =
        [.. from file in Directory.EnumerateFiles(RepositoryRoot.Combine("src"), "*.cs", SearchOption.AllDirectories)
            where !file.Contains("/obj/", StringComparison.Ordinal)
            from match in Marker().Matches(File.ReadAllText(file))
            from name in match.Groups[1].Value.Split(", ")
            select (name, Path.GetFileName(file))];

    private static IReadOnlyDictionary<string, string[]> InDocument { get; } =
        Row().Matches(File.ReadAllText(RepositoryRoot.Combine("docs", "internals", "ring.md"))).ToDictionary(
            match => match.Groups[1].Value,
            match => SourceFile().Matches(match.Groups[2].Value).Select(file => file.Value).ToArray());

    [Fact]
    public void The_document_names_the_points_that_the_code_has() => Assert.Equal(
        InCode.Select(point => point.Name).Distinct().Order(StringComparer.Ordinal),
        InDocument.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void The_document_says_in_which_files_they_are() => Assert.Equal(
        InCode.Select(point => $"{point.Name}: {point.File}").Distinct().Order(StringComparer.Ordinal),
        InDocument.SelectMany(row => row.Value.Select(file => $"{row.Key}: {file}")).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_point_has_two_ends() => Assert.All(
        InCode.GroupBy(point => point.Name), group => Assert.True(group.Count() > 1, $"{group.Key} has one end"));

    // At a statement; what a field's documentation says of it is not an end.
    [GeneratedRegex(@"// SYNC POINT: ([a-z]+(?:, [a-z]+)*)\b")]
    private static partial Regex Marker();

    [GeneratedRegex(@"^\| \*\*([a-z]+)\*\* \|(.*)$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\b[\w.]+\.cs\b")]
    private static partial Regex SourceFile();
}
