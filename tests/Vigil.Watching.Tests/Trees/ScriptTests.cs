using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>
/// Scenarios as text: commands, and the changes that a watcher is expected to tell of them. See Scripts/tree/README.txt.
/// </summary>
public sealed class ScriptTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Scripts", "tree");

    public static TheoryData<string> Scripts => new(Directory
        .GetFiles(Folder, "*.txt")
        .Select(file => Path.GetFileNameWithoutExtension(file)!)
        .Where(name => name != "README")
        .Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task The_changes_are_those_expected(string script)
    {
        TreeScript parsed = TreeScript.Parse(File.ReadAllLines(Path.Combine(Folder, script + ".txt")));
        Assert.SkipUnless(!parsed.NeedsRoot || Environment.IsPrivilegedProcess, "only root may do what the script does");
        foreach (string program in parsed.Programs)
        {
            Assert.SkipUnless(ScriptRun.Exists(program), $"{program} is not installed");
        }

        using var run = new ScriptRun(parsed);
        await run.RunAsync();
    }
}
