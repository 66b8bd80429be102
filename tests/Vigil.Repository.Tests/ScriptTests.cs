namespace Vigil.Repository.Tests;

/// <summary>Shell scripts are at least correct to the shell, and can be started.</summary>
public sealed class ScriptTests
{
    public static TheoryData<string> Scripts => [.. SourceFile.All.Where(IsScript).Select(file => file.Path)];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Bash_understands_it(string script)
    {
        using ChildProcess bash = ChildProcess.Start("bash", "-n", RepositoryRoot.Combine(script));
        Assert.True(bash.WaitForExit() == 0, string.Join('\n', bash.Errors.Lines));
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void It_stops_at_errors_and_can_be_started(string script)
    {
        string[] lines = File.ReadAllLines(RepositoryRoot.Combine(script));
        if (lines[0].StartsWith("#!", StringComparison.Ordinal))
        {
            Assert.Contains("set -euo pipefail", lines);
            Assert.True(
                File.GetUnixFileMode(RepositoryRoot.Combine(script)).HasFlag(UnixFileMode.UserExecute),
                $"chmod +x {script}");
        }
    }

    private static bool IsScript(SourceFile file) =>
        file.Name.EndsWith(".sh", StringComparison.Ordinal)
        || (Path.GetExtension(file.Name).Length == 0 && file.Lines.FirstOrDefault() is "#!/bin/bash"
            or "#!/usr/bin/env bash" or "#!/usr/bin/bash");
}
