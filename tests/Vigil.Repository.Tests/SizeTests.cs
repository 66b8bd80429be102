using System.Text.RegularExpressions;

namespace Vigil.Repository.Tests;

/// <summary>Files, functions and lines of a size that a reader can hold.</summary>
public sealed partial class SizeTests
{
    private const int LongestFileLines = 600;
    private const int LongestFunctionLines = 70;
    private const int LongestLineCharacters = 120;

    [Fact]
    public void No_file_is_too_long() => Violations.Expect(
        from file in SourceFile.Code
        let count = file.Lines.Length
        where count > LongestFileLines
        select $"{file.Path}: {count} lines, at most {LongestFileLines}; give one of its concerns a file of its own");

    [Fact]
    public void No_line_is_too_long() => Violations.Expect(
        from file in SourceFile.Code
        from line in file.Lines.Select((text, index) => (text.Length, Number: index + 1))
        where line.Length > LongestLineCharacters
        select $"{file.Path}:{line.Number}: {line.Length} characters, at most {LongestLineCharacters}");

    [Fact]
    public void No_function_is_too_long() => Violations.Expect(
        from file in SourceFile.Code
        from body in Bodies(file.Lines)
        where body.Count > LongestFunctionLines
        select $"{file.Path}:{body.First}: {body.Count} lines, at most {LongestFunctionLines}; name one of its parts");

    // The format is checked, so a member's body is what stands between two braces at the member's own indentation. A
    // block after "=" or "switch" is a table, which may be long; one after the head of a type is not a function.
    private static IEnumerable<(int First, int Count)> Bodies(string[] lines)
    {
        for (int open = 1; open < lines.Length; open++)
        {
            string head = Head(lines, open);
            if (lines[open] is not ("    {" or "        {") || Type().IsMatch(head) || Table().IsMatch(head))
            {
                continue;
            }

            string end = lines[open].Replace('{', '}');
            int close = Array.FindIndex(lines, open, line => line.StartsWith(end, StringComparison.Ordinal));
            yield return (open + 1, Math.Max(0, close - open - 1));
        }
    }

    // What stands before an opening brace, back to the end of the statement or block before it.
    private static string Head(string[] lines, int open)
    {
        int first = open;
        while (first > 0 && lines[first - 1].Trim() is { Length: > 0 } line && line[^1] is not (';' or '}' or '{'))
        {
            first--;
        }

        return string.Join('\n', lines[first..open].Where(line => !line.TrimStart().StartsWith("//")));
    }

    [GeneratedRegex(@"^\s*[\w\s]*\b(class|struct|interface|enum|record|namespace)\s+\w", RegexOptions.Multiline)]
    private static partial Regex Type();

    [GeneratedRegex(@"(=|\bswitch|=> new\b.*)\s*$")]
    private static partial Regex Table();
}
