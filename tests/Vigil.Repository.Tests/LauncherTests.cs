namespace Vigil.Repository.Tests;

/// <summary><c>./vigil</c> and <c>./test</c>: what they say without an SDK, and when they build.</summary>
public sealed class LauncherTests : IDisposable
{
    private const string WrongSdk = "echo 'A compatible .NET SDK was not found.'; exit 155";
    private readonly Clone _clone = new();

    public void Dispose() => _clone.Dispose();

    [Theory]
    [InlineData("vigil", null, "there is no `dotnet` on the PATH.")]
    [InlineData("vigil", WrongSdk, "A compatible .NET SDK was not found.")]
    [InlineData("test", null, "there is no `dotnet` on the PATH.")]
    [InlineData("test", WrongSdk, "A compatible .NET SDK was not found.")]
    public void Without_the_right_sdk_they_say_how_to_get_it(string script, string? version, string said)
    {
        if (version is not null)
        {
            _clone.AddSdk(version);
        }

        var run = _clone.Run(script);
        Assert.Equal(1, run.Status);
        Assert.StartsWith($"{script}: the .NET 10 SDK is needed, and ", run.Errors[0]);
        Assert.Contains(run.Errors, line => line.Contains(said, StringComparison.Ordinal));
        Assert.Contains(run.Errors, line => line.Contains("dotnet-install.sh", StringComparison.Ordinal));
        Assert.Contains(run.Errors, line => line.Contains("learn.microsoft.com", StringComparison.Ordinal));
        Assert.Equal(script == "test" ? ["0 passed, 1 failed, 0 skipped"] : [], run.Output);
        Assert.Equal(0, _clone.Builds);
    }

    [Fact]
    public void Once_built_the_command_needs_no_sdk_any_more()
    {
        _clone.AddSdk();
        Assert.Equal(["built: watch a b"], _clone.Run("vigil", "watch", "a b").Output);
        _clone.AddSdk(WrongSdk);
        var run = _clone.Run("vigil", "--version");
        Assert.Empty(run.Errors);
        Assert.Equal((0, "built: --version"), (run.Status, Assert.Single(run.Output)));
    }

    [Fact]
    public void Two_at_once_build_once()
    {
        string gate = _clone.At("gate");
        _ = ChildProcess.Shell($"mkfifo '{gate}'");
        _clone.AddSdk(publish: $"read -r _ <'{gate}'");
        using ChildProcess first = _clone.Start("vigil", "first");
        _ = first.Errors.WaitForLine(line => line.Contains("building once", StringComparison.Ordinal), "the build");
        using ChildProcess second = _clone.Start("vigil", "second");
        _ = second.Errors.WaitForLine(
            line => line.Contains("waiting for a build that another call has started", StringComparison.Ordinal),
            "the second to find the first");
        File.AppendAllText(gate, "go\n");
        Assert.Equal(0, first.WaitForExit());
        Assert.Equal(0, second.WaitForExit());
        Assert.Equal(["built: first"], first.Output.Lines);
        Assert.Equal(["built: second"], second.Output.Lines);
        Assert.Equal(1, _clone.Builds);
    }

    [Fact]
    public void Only_what_changed_is_built_anew()
    {
        _clone.AddSdk();
        _ = _clone.Run("vigil");
        string source = _clone.At("src/A/A.cs");
        File.SetLastWriteTimeUtc(source, DateTime.UtcNow.AddMinutes(1));
        Assert.Equal(["built: touched"], _clone.Run("vigil", "touched").Output);
        Assert.Equal(1, _clone.Builds);

        File.AppendAllText(source, "// more");
        _ = _clone.Run("vigil", "changed");
        Assert.Equal(2, _clone.Builds);

        File.Delete(_clone.At("src/A/B.cs"));
        _ = _clone.Run("vigil", "deleted");
        Assert.Equal(3, _clone.Builds);

        _ = _clone.Run("vigil", "unchanged");
        Assert.Equal(3, _clone.Builds);
    }

    [Fact]
    public void A_build_that_fails_says_why_and_leaves_nothing_half_done()
    {
        _clone.AddSdk(publish: "echo 'A.cs(1,1): error CS1002: ; expected'; exit 1");
        var run = _clone.Run("vigil");
        Assert.Equal(1, run.Status);
        Assert.Empty(run.Output);
        Assert.Contains("A.cs(1,1): error CS1002: ; expected", run.Errors);
        Assert.StartsWith("vigil: the build failed; its whole log: ", run.Errors[^1]);
        Assert.Empty(Directory.GetDirectories(_clone.At("artifacts/publish")));

        _clone.AddSdk();
        Assert.Equal(["built: again"], _clone.Run("vigil", "again").Output);
    }
}
