namespace Vigil.Repository.Tests;

/// <summary>A rule shows everything that breaks it at once, one line each.</summary>
internal static class Violations
{
    internal static void Expect(IEnumerable<string> violations)
    {
        string[] found = [.. violations];
        if (found.Length > 0)
        {
            Assert.Fail($"{found.Length} found:\n{string.Join('\n', found)}");
        }
    }
}
