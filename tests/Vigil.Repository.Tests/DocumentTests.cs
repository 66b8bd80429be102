using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Vigil.Repository.Tests;

/// <summary>What a reader is sent to is there, and what the papers say is so.</summary>
public sealed partial class DocumentTests
{
    private static IEnumerable<SourceFile> Pages =>
        SourceFile.All.Where(file => file.Name.EndsWith(".md", StringComparison.Ordinal));

    [Fact]
    public void Every_relative_link_leads_somewhere() => Violations.Expect(
        from page in Pages
        from match in Link().Matches(Code().Replace(page.Text, ""))
        let target = match.Groups[1].Value
        where !target.Contains(':', StringComparison.Ordinal) && !Resolves(page, target)
        select $"{page.Path}: nothing is at {target}");

    [Fact]
    public void Every_page_of_docs_that_code_speaks_of_is_there() => Violations.Expect(
        from file in SourceFile.All
        where file.IsCode || file.Name.EndsWith(".csproj", StringComparison.Ordinal)
        from match in Mention().Matches(file.Text)
        where SourceFile.All.Any(page => page.IsIn("docs")) && !File.Exists(RepositoryRoot.Combine(match.Value))
        select $"{file.Path}: there is no {match.Value}");

    [Fact]
    public void The_licence_is_the_one_that_the_packages_name()
    {
        Assert.Equal("Apache-2.0", Property("PackageLicenseExpression"));
        string licence = File.ReadAllText(RepositoryRoot.Combine("LICENSE"));
        Assert.Matches(@"^\s*Apache License\s+Version 2\.0, January 2004\s", licence);
        Assert.Contains("END OF TERMS AND CONDITIONS", licence);
    }

    [Fact]
    public void The_change_log_speaks_of_this_version() => Assert.Contains(
        File.ReadAllLines(RepositoryRoot.Combine("CHANGELOG.md")),
        line => line.StartsWith($"## [{Property("Version")}]", StringComparison.Ordinal));

    private static string Property(string name) =>
        XDocument.Load(RepositoryRoot.Combine("Directory.Build.props")).Descendants(name).Single().Value;

    private static bool Resolves(SourceFile page, string target)
    {
        string[] parts = target.Split('#', 2);
        string path = parts[0].Length == 0 ? page.Path : Path.Combine(page.Folder, Uri.UnescapeDataString(parts[0]));
        string full = Path.GetFullPath(path, RepositoryRoot.Path);
        if (parts.Length == 1 || !full.EndsWith(".md", StringComparison.Ordinal))
        {
            return Path.Exists(full);
        }

        return File.Exists(full) && Heading().Matches(Code().Replace(File.ReadAllText(full), ""))
            .Any(heading => Anchor(heading.Groups[1].Value) == parts[1]);
    }

    // As the forges make it: lower case, spaces to hyphens, other punctuation dropped.
    private static string Anchor(string heading) =>
        NotInAnchors().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"\]\(([^)\s]+)(?:\s[^)]*)?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^ *```.*?^ *```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"\bdocs/[\w/-]+\.md\b")]
    private static partial Regex Mention();

    [GeneratedRegex(@"^#{1,6} +(.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();
}
