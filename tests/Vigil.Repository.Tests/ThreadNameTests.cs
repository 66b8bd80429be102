using System.Text.RegularExpressions;

namespace Vigil.Repository.Tests;

/// <summary>The names of threads, by which people and tests tell them apart: proc_pid_comm(5).</summary>
public sealed partial class ThreadNameTests
{
    private const int MaxCommLength = 15;

    private static readonly (string Library, string Name, string Path)[] Names =
    [
        .. from file in SourceFile.All
           where file.IsCode && file.IsIn("src")
           from match in Literal().Matches(file.Text)
           select (file.Path.Split('/')[1], match.Groups[1].Value, file.Path),
    ];

    [Fact]
    public void A_name_belongs_to_one_library() => Violations.Expect(
        from name in Names
        where Names.Any(other => Seen(other.Name) == Seen(name.Name) && other.Library != name.Library)
        select $"{name.Path}: threads of another library are called '{name.Name}', too");

    [Fact]
    public void They_are_found() => Assert.Contains(Names, name => name.Name == "vigil filewatch");

    // What the kernel keeps of it.
    private static string Seen(string name) => name[..Math.Min(name.Length, MaxCommLength)];

    [GeneratedRegex(@"(?:Name = |WatchThread\.Start\([^;]*?)""(vigil[ -][^""]+)""")]
    private static partial Regex Literal();
}
