using System.Text.RegularExpressions;

namespace Vigil.Samples.Tests;

/// <summary>C# that a reader of the papers copies is C# that the suite compiles and runs.</summary>
public sealed partial class SnippetTests
{
    public static TheoryData<string> Pages => ["README.md", "docs/getting-started.md"];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_snippet_is_part_of_a_sample(string page)
    {
        string[] snippets = [.. Snippet().Matches(File.ReadAllText(RepositoryRoot.Combine(page)))
            .Select(match => match.Groups[1].Value)];
        string[] programs = [.. Sample.Programs.Select(path => Squeezed(File.ReadAllText(path)))];
        Assert.NotEmpty(snippets);
        Assert.All(snippets, snippet => Assert.True(
            programs.Any(program => program.Contains(Squeezed(snippet), StringComparison.Ordinal)),
            $"{page} shows C# that is in no file of samples/:\n{snippet}"));
    }

    [Fact]
    public void Every_sample_is_run_and_says_what_it_shows() => Assert.All(Sample.Names, name =>
    {
        Assert.True(File.Exists(RepositoryRoot.Combine("samples", "dotnet", name, "README.md")), $"{name}: README.md");
        Assert.Contains(
            typeof(SampleTests).GetMethods(), test => test.Name.StartsWith(name + "_", StringComparison.Ordinal));
    });

    // Blanks and line ends are the page's own; everything else is the program's.
    private static string Squeezed(string text) => Blank().Replace(text, "");

    [GeneratedRegex(@"^```csharp\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Snippet();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();
}
