using System.Text;
using System.Text.Json;
using Vigil.Testing;

namespace Vigil.Cli.Tests;

/// <summary>What other programs read: every kind with its fields, and records that are taken apart by bytes.</summary>
public sealed class ContractTests : IDisposable
{
    private readonly TempTree _tree = TempTree.InMemory();

    public ContractTests() => _tree.MakeDirectory("d");

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void Every_kind_of_change_and_every_type_has_its_fields()
    {
        using ChildProcess watch = Start("--json", "d");
        WaitFor(watch, "ready");
        _ = ChildProcess.Shell("echo text > f; chmod 600 f; ln -s f link; mkfifo pipe; mkdir in", _tree.At("d"));
        WaitFor(watch, "/d/in");
        File.Move(_tree.At("d/f"), _tree.At("d/g"));
        WaitFor(watch, "/d/g");
        File.Delete(_tree.At("d/g"));
        WaitFor(watch, "\"deleted\"");
        Directory.Move(_tree.At("d"), _tree.At("away"));
        CommandRun run = CommandRun.End(watch);
        Assert.Equal(1, run.Status);
        JsonElement[] changes = JsonLine.ParseAll(run.Output);
        Assert.Equal(
            [
                "ready", "created file f", "modified file f", "closed file f", "metadata file f",
                "created symlink link", "created other pipe", "created directory in", "renamed file g",
                "deleted file g", "gone d",
            ],
            changes.Select(JsonLine.Summary));
        Assert.Equal(_tree.At("d/f"), changes[^3].GetProperty("oldPath").GetString());
    }

    [Fact]
    public void An_overflow_is_told_and_what_it_swallowed_is_found()
    {
        using ChildProcess watch = Start("--json", "d");
        WaitFor(watch, "ready");
        using FileStream one = new(_tree.At("d/one"), FileMode.CreateNew, FileAccess.Write, FileShare.Read, 0);
        using FileStream two = new(_tree.At("d/two"), FileMode.CreateNew, FileAccess.Write, FileShare.Read, 0);
        WaitFor(watch, "/d/two");
        watch.Send(Signal.SIGSTOP);
        // The kernel joins only equal events that follow each other: inotify(7).
        int queued = int.Parse(File.ReadAllText("/proc/sys/fs/inotify/max_queued_events"));
        Eventually.True(() => ProcessState.IsStopped(watch.Id), "it to stop");
        for (int i = 0; i < queued; i++)
        {
            one.WriteByte(0);
            two.WriteByte(0);
        }

        _tree.MakeDirectory("d/late");
        watch.Send(Signal.SIGCONT);
        WaitFor(watch, "\"rescanned\"");
        watch.Send(Signal.SIGINT);
        CommandRun run = CommandRun.End(watch);
        Assert.Equal(0, run.Status);
        JsonElement[] changes = JsonLine.ParseAll(run.Output);
        string[] told = [.. changes.Select(JsonLine.Summary)];
        int overflowed = Array.IndexOf(told, "overflowed");
        int late = Array.IndexOf(told, "created directory late");
        Assert.InRange(overflowed, 1, late - 1);
        Assert.InRange(Array.IndexOf(told, "rescanned"), late + 1, told.Length);
        Assert.Contains("max_queued_events", changes[overflowed].GetProperty("reason").GetString());
    }

    [Fact]
    public void What_cannot_be_watched_is_told_as_polled()
    {
        using ChildProcess watch = Start("--json", "--poll", "1.5s", "/proc/sys/fs/inotify");
        WaitFor(watch, "\"degraded\"");
        watch.Send(Signal.SIGINT);
        CommandRun run = CommandRun.End(watch);
        Assert.Equal(0, run.Status);
        JsonElement[] lines = JsonLine.ParseAll(run.Output);
        Assert.Equal(["ready", "degraded inotify"], lines.Select(JsonLine.Summary));
        Assert.Equal(1500, lines[1].GetProperty("pollMs").GetInt32());
    }

    [Fact]
    public void Polling_tells_the_same_kinds()
    {
        using ChildProcess watch = Start("--json", "--backend", "poll", "--poll", "10ms", "d");
        WaitFor(watch, "\"backend\":\"poll\"");
        // Whole when it comes: a look between its creation and its first write would tell two changes.
        _ = ChildProcess.Shell("echo text > ../f; mv ../f f", _tree.At("d"));
        WaitFor(watch, "\"created\"");
        _ = ChildProcess.Shell("echo more >> f", _tree.At("d"));
        WaitFor(watch, "\"modified\"");
        // Each right after the one before was told.
        _ = ChildProcess.Shell("chmod 600 f", _tree.At("d"));
        WaitFor(watch, "\"metadata\"");
        for (int i = 0; i < 5; i++)
        {
            _ = ChildProcess.Shell("echo more >> f", _tree.At("d"));
            WaitFor(watch, "\"modified\"");
        }

        _ = ChildProcess.Shell("mv f g", _tree.At("d"));
        WaitFor(watch, "\"created\"");
        WaitFor(watch, "\"deleted\"");
        watch.Send(Signal.SIGINT);
        _ = JsonLine.ParseAll(CommandRun.End(watch).Output);
    }

    [Fact]
    public void With_nul_a_rename_is_two_names_of_any_bytes()
    {
        using ChildProcess watch = Start("-0", "--events", "renamed", "--count", "1", "d");
        _ = watch.Errors.WaitForLine(static line => line.Contains("ready in"), "the watcher to be ready");
        _tree.MakeFile("d/a\nb"u8);
        _tree.Rename("d/a\nb"u8, [.. "d/c -> \\"u8, 0xff]);
        Assert.Equal(0, watch.WaitForExit());
        Assert.Equal([.. "renamed   d/a\nb\0d/c -> \\"u8, 0xff, 0], watch.Output.Bytes);
    }

    [Fact]
    public void Every_conversion_of_a_format_comes_out()
    {
        using ChildProcess watch = Start(
            "--format", "%w|%f|%e|%;e|%o|%T|100%%%n%0", "--events", "created,renamed", "--count", "2", "d");
        _ = watch.Errors.WaitForLine(static line => line.Contains("ready in"), "the watcher to be ready");
        _tree.MakeDirectory([.. "d/é\n"u8, 0xff]);
        _tree.Rename([.. "d/é\n"u8, 0xff], "d/e"u8);
        Assert.Equal(0, watch.WaitForExit());
        const string Time = @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z";
        Assert.Matches(
            $@"^d/\|é\n\xff\|created,isdir\|created;isdir\|\|{Time}\|100%\n\0"
                + $@"d/\|e\|renamed,isdir\|renamed;isdir\|d/é\n\xff\|{Time}\|100%\n\0$",
            Encoding.Latin1.GetString(watch.Output.Bytes).Replace(Encoding.Latin1.GetString("é"u8), "é"));
    }

    [Fact]
    public void Relative_paths_are_so_only_inside_the_current_directory()
    {
        _tree.MakeDirectory("other");
        string[] paths = ["--relative", "--json", "--count", "2", ".", "../other"];
        using ChildProcess tree = CommandRun.Start(_tree.At("d"), ["watch", "--events", "created", .. paths]);
        using ChildProcess raw = CommandRun.Start(_tree.At("d"), ["watch", "--raw", "--events", "create", .. paths]);
        WaitFor(tree, "ready");
        WaitFor(raw, "ready");
        _tree.WriteFile("d/a");
        _tree.WriteFile("other/b");
        Assert.Equal(["a", _tree.At("other/b")], Texts(tree, "path"));
        Assert.Equal([".", _tree.At("other")], Texts(raw, "watch"));
    }

    [Fact]
    public void What_is_there_at_the_start_does_not_count()
    {
        _tree.WriteFile("d/a");
        _tree.WriteFile("d/in/b");
        using ChildProcess watch = Start("--initial", "--count", "1", "--events", "created", "d");
        _ = watch.Output.WaitForLine(static line => line == "created   d/in/b", "what is there at the start");
        _tree.WriteFile("d/new");
        CommandRun run = CommandRun.End(watch);
        Assert.Equal(0, run.Status);
        Assert.Equal("created   d/new", run.Output[^1]);
        Assert.Equal(
            ["created   d", "created   d/a", "created   d/in", "created   d/in/b"], run.Output.SkipLast(1).Order());
    }

    [Fact]
    public void With_wait_a_path_that_went_may_come_back()
    {
        using ChildProcess watch = Start("--wait", "--json", "d");
        WaitFor(watch, "ready");
        Directory.Delete(_tree.At("d"));
        WaitFor(watch, "\"gone\"");
        _tree.MakeDirectory("d");
        WaitFor(watch, "\"created\"");
        _tree.WriteFile("d/a");
        WaitFor(watch, "/d/a\"");
        watch.Send(Signal.SIGINT);
        CommandRun run = CommandRun.End(watch);
        Assert.Equal(0, run.Status);
        _ = JsonLine.ParseAll(run.Output);
    }

    [Theory]
    [InlineData("--one-file-system", "y")]
    [InlineData("", "x")]
    public void Other_file_systems_can_be_left_alone(string option, string first)
    {
        string flags = Environment.IsPrivilegedProcess ? "-m" : "-Urm";
        string command = "mkdir m && mount -t tmpfs none m && "
            + $"exec '{PublishedBinary.Path}' watch --json --events created --count 1 {option} .";
        using ChildProcess watch = ChildProcess.Start("unshare", [flags, "bash", "-c", command], _tree.At("d"));
        WaitFor(watch, "ready");
        // The mount is seen by that process alone; this is its view.
        File.WriteAllText($"/proc/{watch.Id}/root{_tree.At("d/m/x")}", "");
        File.WriteAllText(_tree.At("d/y"), "");
        JsonElement[] changes = JsonLine.ParseAll(CommandRun.End(watch).Output);
        Assert.Equal($"created file {first}", JsonLine.Summary(changes[1]));
    }

    private static string[] Texts(ChildProcess watch, string field) =>
    [
        .. CommandRun.End(watch).Output.Skip(1)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty(field).GetString()!),
    ];

    private static void WaitFor(ChildProcess watch, string text) =>
        watch.Output.WaitForLine(line => line.Contains(text), text);

    private ChildProcess Start(params string[] arguments) => CommandRun.Start(_tree.Path, ["watch", .. arguments]);
}
