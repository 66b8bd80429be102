namespace Vigil.Samples.Tests;

/// <summary>The programs that the papers show do what the papers say.</summary>
public sealed class SampleTests : IDisposable
{
    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void WatchTree_tells_what_happens_below_the_current_directory()
    {
        _tree.MakeDirectory("d");
        using ChildProcess sample = Sample.Start("WatchTree", _tree.Path);
        Expect(sample, "ready");
        File.Move(_tree.WriteFile("d/a", "text"), _tree.At("d/b"));
        File.Delete(_tree.At("d/b"));
        Expect(sample, "created  d/a");
        Expect(sample, "renamed  d/a -> d/b");
        Expect(sample, "deleted  d/b");
    }

    [Fact]
    public void WatchTrees_prints_the_mirror_and_then_what_changes_in_it()
    {
        _tree.WriteFile("src/a.cs");
        _tree.WriteFile("src/a.tmp");
        _tree.WriteFile("assets/.gitignore", "*.psd\n");
        _tree.WriteFile("assets/logo.psd");
        _tree.WriteFile("docs/page.txt");
        using ChildProcess sample = Sample.Start("WatchTrees", _tree.Path);
        Expect(sample, "6 entries");
        Assert.Equal(
            [
                "6 entries",
                $"Directory {_tree.At("assets")}", $"Directory {_tree.At("docs")}", $"Directory {_tree.At("src")}",
                $"File      {_tree.At("assets/.gitignore")}", $"File      {_tree.At("docs/page.txt")}",
                $"File      {_tree.At("src/a.cs")}",
            ],
            sample.Output.Lines.Order(StringComparer.Ordinal).Take(7));

        _tree.WriteFile("assets/new.psd");
        _tree.WriteFile("docs/new.tmp");
        _tree.WriteFile("docs/new.txt", "text");
        Expect(sample, "created  docs/new.txt");
        Assert.DoesNotContain(sample.Output.Lines, line => line.Contains("new.psd") || line.Contains("new.tmp"));

        sample.Send(Signal.SIGINT);
        Assert.Equal(0, sample.WaitForExit());
        Assert.StartsWith("stopped after ", sample.Output.Lines[^1]);
    }

    [Fact]
    public void RawInotify_shows_the_kernels_events()
    {
        using ChildProcess sample = Sample.Start("RawInotify", _tree.Path);
        Expect(sample, "watch 1 is .");
        _tree.WriteFile("test");
        Expect(sample, "wd: 1, mask: 100, flags: [IN_CREATE], cookie: 0, len: 16, name: test");
        Expect(sample, "wd: 1, mask: 8, flags: [IN_CLOSE_WRITE], cookie: 0, len: 16, name: test");
    }

    private static void Expect(ChildProcess sample, string line) =>
        sample.Output.WaitForLine(text => text == line, $"the line '{line}'");
}
