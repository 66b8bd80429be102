using System.Text.RegularExpressions;

namespace Vigil.Repository.Tests;

/// <summary>Taste as a test: what is banned, where, and what to use in its place.</summary>
public sealed class BannedTests
{
    // The patterns are written so that none matches its own text.
    public static TheoryData<string, string, string> Rules => new()
    {
        { "src", @"\b(TO[D]O|FIX[M]E|HA[C]K)\b", "do it now, or write it down as an issue" },
        { "src tests bench samples", @"^\s*#[r]egion\b", "use smaller files" },
        { "src tests bench samples", @"\[[D]llImport\b", "use LibraryImport, which needs no code at run time" },
        { "src tests bench samples", @"\bNot[I]mplementedException\b", "write it, or leave the member out" },
        { "tests", @"\bThread\.Sleep\(|\bTask\.Delay\(", "use Eventually, or ChildProcess.Output.WaitForLine" },
        { "tests", @"\[(Fact|Theory)\((?![^\]]*Skip(Unless|When))[^\]]*\bSkip\s*=", "mend it or remove it; "
            + "for what a machine may lack use SkipUnless" },
        { "src tests bench samples eng docs", @"(?<![\w.}>)~/-])/(home|Users|root|work)/\w", "use a path from "
            + "the root of the repository, or TempTree" },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void Nothing_banned_is_used(string folders, string pattern, string remedy)
    {
        var banned = new Regex(pattern, RegexOptions.CultureInvariant);
        Violations.Expect(
            from file in SourceFile.All
            where file.IsIn(folders.Split(' ')) && IsText(file) && !MayWait(file, pattern)
            from line in file.Lines.Select((text, index) => (Text: text, Number: index + 1))
            let match = banned.Match(line.Text)
            where match.Success
            select $"{file.Path}:{line.Number}: '{match.Value.Trim()}' is banned, {remedy}");
    }

    // The one place where time may pass is the one that everybody else is sent to.
    private static bool MayWait(SourceFile file, string pattern) =>
        pattern.Contains("Sleep", StringComparison.Ordinal) && file.IsIn("tests/Vigil.Testing");

    private static bool IsText(SourceFile file) =>
        file.IsCode || Path.GetExtension(file.Name) is "" or ".sh" or ".md" or ".csproj" or ".props" or ".targets";
}
