using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>Every file in Scripts/raw is a test; see <see cref="RawScript"/> for what can be written there.</summary>
public sealed class RawScriptTests
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Scripts", "raw");

    public static TheoryData<string> Scripts =>
        [.. Directory.GetFiles(Folder, "*.txt").Select(static path => Path.GetFileNameWithoutExtension(path)).Order()];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_script_gets_its_events(string name)
    {
        using RawScriptRunner runner = new(RawScript.Load(Path.Combine(Folder, name + ".txt")));
        runner.Run();
    }

    [Fact]
    public void A_wrong_expectation_fails()
    {
        using TempTree scratch = new();
        string[] wrong = ["  d IN_CREATE b", "  d IN_DELETE a", "  d IN_CREATE a cookie=x", string.Empty];
        foreach (string expected in wrong)
        {
            string path = scratch.WriteFile("script.txt", $"watch d . IN_CREATE\n$ touch a\n{expected}\n");
            using RawScriptRunner runner = new(RawScript.Load(path));
            Assert.ThrowsAny<Xunit.Sdk.XunitException>(runner.Run);
        }
    }
}
