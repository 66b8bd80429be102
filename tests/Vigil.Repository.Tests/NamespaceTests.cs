using System.Text.RegularExpressions;

namespace Vigil.Repository.Tests;

/// <summary>Namespaces and types do not share names, or every use of the type needs its full name.</summary>
public sealed partial class NamespaceTests
{
    private static readonly string[] All =
        [.. SourceFile.Code.SelectMany(file => Namespace().Matches(file.Text)).Select(match => match.Groups[1].Value)];

    [Fact]
    public void No_namespace_has_the_name_of_a_type_inside_it() => Violations.Expect(
        from file in SourceFile.Code
        from home in Namespace().Matches(file.Text).Select(match => match.Groups[1].Value).Take(1)
        from type in Type().Matches(file.Text).Select(match => match.Groups[1].Value)
        where home.Split('.').Contains(type) || All.Contains($"{home}.{type}")
        select $"{file.Path}: the type {type} has the name of a namespace; give the namespace a plural or a gerund");

    [Fact]
    public void Every_namespace_is_written_for_the_whole_file() => Violations.Expect(
        from file in SourceFile.Code
        where Block().IsMatch(file.Text)
        select $"{file.Path}: a namespace with braces is banned, use one that ends with a semicolon");

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^namespace [\w.]+\s*\{", RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(
        @"^(?:[a-z]+ )+(?:class|struct|interface|enum|record)(?: (?:class|struct))? (\w+)",
        RegexOptions.Multiline)]
    private static partial Regex Type();
}
