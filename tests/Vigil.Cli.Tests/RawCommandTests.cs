using System.Text.Json;
using Vigil.Testing;

namespace Vigil.Cli.Tests;

/// <summary><c>vigil watch --raw</c>: the kernel's own events.</summary>
public sealed class RawCommandTests : IDisposable
{
    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void Touch_gives_the_transcript_that_everybody_knows()
    {
        using ChildProcess watch = Start("--count", "4", ".");
        WaitForReady(watch);
        _ = ChildProcess.Shell("touch test", _tree.Path);
        CommandRun run = CommandRun.End(watch);
        Assert.Equal(0, run.Status);
        Assert.Equal(
            [
                "wd: 1, mask: 100, flags: [IN_CREATE], cookie: 0, len: 16, name: test",
                "wd: 1, mask: 20, flags: [IN_OPEN], cookie: 0, len: 16, name: test",
                "wd: 1, mask: 4, flags: [IN_ATTRIB], cookie: 0, len: 16, name: test",
                "wd: 1, mask: 8, flags: [IN_CLOSE_WRITE], cookie: 0, len: 16, name: test",
            ],
            run.Output);
    }

    [Theory]
    [InlineData("IN_CREATE,IN_DELETE")]
    [InlineData("create,delete")]
    public void Events_are_chosen_by_the_kernels_names(string events)
    {
        using ChildProcess watch = Start("--events", events, "--count", "2", ".");
        WaitForReady(watch);
        _ = ChildProcess.Shell("mkdir d && rmdir d", _tree.Path);
        Assert.Equal(
            [
                "wd: 1, mask: 40000100, flags: [IN_CREATE, IN_ISDIR], cookie: 0, len: 16, name: d",
                "wd: 1, mask: 40000200, flags: [IN_DELETE, IN_ISDIR], cookie: 0, len: 16, name: d",
            ],
            CommandRun.End(watch).Output);
    }

    [Fact]
    public void Json_starts_with_ready_and_every_line_is_an_object()
    {
        _tree.MakeDirectory("one");
        _tree.MakeDirectory("two");
        using ChildProcess watch = Start("--json", "--events", "create", "--count", "3", "one", "two");
        Assert.Equal("{\"kind\":\"ready\"}", watch.Output.WaitForLine(static _ => true, "the first line"));
        _tree.MakeFile([.. "one/a\n\"\\"u8, 0xff]);
        _tree.MakeFile([.. "two/"u8, .. "é"u8]);
        _tree.MakeFile("one/end"u8);
        JsonElement[] events =
            [.. CommandRun.End(watch).Output.Skip(1).Select(static line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(["a\n\"\\\uFFFD", "é", "end"], events.Select(static e => e.GetProperty("name").GetString()));
        Assert.Equal([.. "a\n\"\\"u8, 0xff], events[0].GetProperty("nameBytes").GetBytesFromBase64());
        Assert.False(events[1].TryGetProperty("nameBytes", out _));
        Assert.Equal(
            [_tree.At("one"), _tree.At("two"), _tree.At("one")],
            events.Select(static e => e.GetProperty("watch").GetString()!));
    }

    [Fact]
    public void With_nul_a_name_is_told_as_it_is()
    {
        using ChildProcess watch = Start("-0", "--events", "create", "--count", "1", ".");
        WaitForReady(watch);
        _tree.MakeFile([.. "a\nb"u8, 0xff]);
        Assert.Equal(0, watch.WaitForExit());
        Assert.Equal(
            [.. "wd: 1, mask: 100, flags: [IN_CREATE], cookie: 0, len: 16, name: a\nb"u8, 0xff, 0], watch.Output.Bytes);
    }

    [Fact]
    public void A_path_that_is_not_there_is_told_and_the_others_are_watched()
    {
        using ChildProcess watch = Start("--events", "create", "--count", "1", "missing", ".");
        WaitForReady(watch);
        _tree.WriteFile("a");
        CommandRun run = CommandRun.End(watch);
        Assert.Equal(1, run.Status);
        Assert.Equal("wd: 1, mask: 100, flags: [IN_CREATE], cookie: 0, len: 16, name: a", Assert.Single(run.Output));
        Assert.Contains("missing", run.Errors[0]);
        Assert.Contains("ENOENT", run.Errors[0]);
    }

    [Fact]
    public void Without_any_path_left_it_ends_at_once() =>
        CommandRun.In(_tree.Path, "watch", "--raw", "missing").ExpectOneLine(1, "ENOENT");

    [Fact]
    public void Once_every_path_is_gone_it_ends_with_status_1()
    {
        _tree.MakeDirectory("d");
        using ChildProcess watch = Start("-q", "d");
        _ = Eventually.Value(() => WatchesOf(watch), "the watch to be set");
        Directory.Delete(_tree.At("d"));
        CommandRun run = CommandRun.End(watch);
        Assert.Equal(1, run.Status);
        Assert.Contains("IN_IGNORED", run.Output[^1]);
        Assert.Equal("vigil: every watched path is gone", Assert.Single(run.Errors));
    }

    [Fact]
    public void One_shot_ends_as_asked()
    {
        using ChildProcess watch = Start("--events", "create,oneshot", ".");
        WaitForReady(watch);
        _tree.WriteFile("a");
        Assert.Equal(0, CommandRun.End(watch).Status);
    }

    [Fact]
    public void A_storm_is_told_without_a_gap()
    {
        const int Files = 20_000;
        using ChildProcess watch = Start("--json", "--events", "create", "--count", $"{Files}", ".");
        _ = watch.Output.WaitForLine(static _ => true, "the first line");
        for (int i = 0; i < Files; i++)
        {
            File.Create(_tree.At($"{i}")).Dispose();
        }

        CommandRun run = CommandRun.End(watch);
        Assert.Equal(0, run.Status);
        IEnumerable<string?> names = run.Output.Skip(1)
            .Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("name").GetString());
        Assert.Equal(Enumerable.Range(0, Files).Select(static i => $"{i}"), names);
    }

    private static void WaitForReady(ChildProcess watch) =>
        watch.Errors.WaitForLine(static line => line.Contains("ready in"), "the watches to be set");

    private static string? WatchesOf(ChildProcess watch)
    {
        foreach (string info in Directory.GetFiles($"/proc/{watch.Id}/fdinfo"))
        {
            try
            {
                if (File.ReadAllText(info).Contains("inotify wd:"))
                {
                    return info;
                }
            }
            catch (IOException)
            {
                // It was closed meanwhile.
            }
        }

        return null;
    }

    private ChildProcess Start(params string[] arguments) =>
        CommandRun.Start(_tree.Path, ["watch", "--raw", .. arguments]);
}
