using System.Text;
using System.Text.Json;
using Vigil.Testing;

namespace Vigil.Cli.Tests;

/// <summary>
/// PATHs that cannot be watched, or not as they were meant: one clear line, nothing lost on the others.
/// </summary>
public sealed class PathTests : IDisposable
{
    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("missing", "ENOENT")]
    [InlineData("file/below", "ENOTDIR")]
    [InlineData("loop", "ELOOP")]
    public void A_path_that_cannot_be_watched_ends_the_command(string path, string errno)
    {
        _tree.WriteFile("file");
        File.CreateSymbolicLink(_tree.At("loop"), "loop");
        CommandRun run = CommandRun.In(_tree.Path, "watch", path);
        run.ExpectOneLine(1, errno);
        Assert.Contains(path, run.Errors[0]);
    }

    [Fact]
    public void A_name_that_is_too_long_is_told_as_that() =>
        CommandRun.In(_tree.Path, "watch", new string('x', 300)).ExpectOneLine(1, "ENAMETOOLONG");

    [Fact]
    public void The_others_are_watched_and_the_status_is_1()
    {
        _tree.MakeDirectory("good");
        using ChildProcess watch = Start("--count", "1", "missing", "good", "gone/too");
        _ = WaitForReady(watch);
        _tree.WriteFile("good/a");
        CommandRun run = CommandRun.End(watch);
        Assert.Equal(1, run.Status);
        Assert.Equal("created   good/a", Assert.Single(run.Output));
        Assert.Contains("missing", run.Errors[0]);
        Assert.Contains("gone/too", run.Errors[1]);
    }

    [Theory]
    [InlineData("d", "d", "d is given twice; it is watched once")]
    [InlineData("d", "./d/", "./d/ is the same as d; it is watched once")]
    [InlineData("d", "link", "link is the same as d; it is watched once")]
    public void A_path_given_twice_is_watched_once(string first, string second, string note)
    {
        _tree.MakeDirectory("d");
        File.CreateSymbolicLink(_tree.At("link"), "d");
        using ChildProcess watch = Start("--count", "2", "--events", "created", first, second);
        _ = WaitForReady(watch);
        _tree.WriteFile("d/a");
        _tree.WriteFile("d/b");
        CommandRun run = CommandRun.End(watch);
        Assert.Equal(0, run.Status);
        Assert.Equal(["created   d/a", "created   d/b"], run.Output);
        Assert.Equal($"vigil: {note}", run.Errors[0]);
    }

    [Fact]
    public void A_path_inside_another_is_covered_by_it()
    {
        _tree.MakeDirectory("d/e");
        using ChildProcess watch = Start("--count", "2", "--events", "created", "d/e", "d");
        _ = WaitForReady(watch);
        _tree.WriteFile("d/e/a");
        _tree.WriteFile("d/b");
        CommandRun run = CommandRun.End(watch);
        Assert.Equal(0, run.Status);
        Assert.Equal(["created   d/e/a", "created   d/b"], run.Output);
        Assert.Equal("vigil: d/e is inside d: each change is told once", run.Errors[0]);
    }

    [Fact]
    public void A_pattern_that_is_none_is_wrong_usage()
    {
        const string Pattern = "[a-";
        CommandRun.In(_tree.Path, "watch", "--exclude", Pattern, ".").ExpectOneLine(2, Pattern);
    }

    [Fact]
    public void Once_every_path_is_gone_it_ends_with_status_1()
    {
        _tree.MakeDirectory("d");
        using ChildProcess watch = Start("--json", "d");
        _ = watch.Output.WaitForLine(static line => line.Contains("\"ready\""), "the watcher to be ready");
        Directory.Delete(_tree.At("d"));
        CommandRun run = CommandRun.End(watch);
        Assert.Equal(1, run.Status);
        Assert.Contains("\"kind\":\"gone\"", run.Output[^1]);
        Assert.StartsWith("vigil: every watched path is gone", Assert.Single(run.Errors));
    }

    [Fact]
    public void With_wait_a_path_may_come_later()
    {
        using ChildProcess watch = Start("--wait", "--json", "--events", "created", "later");
        _ = watch.Output.WaitForLine(static line => line.Contains("\"ready\""), "the watcher to be ready");
        _tree.WriteFile("later/a");
        _ = watch.Output.WaitForLine(line => line.Contains(_tree.At("later/a")), "the file in it");
        watch.Send(Signal.SIGINT);
        Assert.Equal(0, watch.WaitForExit());
        Assert.StartsWith("vigil: later is not there yet; waiting for it", watch.Errors.Lines[0]);
    }

    [Theory]
    [InlineData("f", "watching 1 file (inotify)")]
    [InlineData("d", "watching 1 directory, 0 entries (inotify)")]
    public void What_is_watched_is_counted_as_people_count(string path, string said)
    {
        _tree.WriteFile("f");
        _tree.MakeDirectory("d");
        CommandRun.In(_tree.Path, "watch", "--timeout", "50ms", path).ExpectOneLine(3, said);
    }

    [Fact]
    public void With_wait_a_missing_path_is_told_once()
    {
        CommandRun run = CommandRun.In(_tree.Path, "watch", "--wait", "--timeout", "50ms", "nope");
        run.ExpectOneLine(3, "nope is not there yet; waiting for it");
    }

    [Fact]
    public void A_path_below_a_file_is_not_waited_for()
    {
        _tree.WriteFile("file");
        CommandRun.In(_tree.Path, "watch", "--wait", "file/x").ExpectOneLine(1, "ENOTDIR");
    }

    [Fact]
    public void A_link_to_nothing_is_told_as_that()
    {
        File.CreateSymbolicLink(_tree.At("dangling"), "nowhere");
        CommandRun.In(_tree.Path, "watch", "dangling").ExpectOneLine(
            1, "it is a symbolic link to nowhere, which does not exist");
    }

    [Theory]
    [InlineData("", ".", "the current directory does not exist any more", "1")]
    [InlineData("--raw", ".", "the current directory does not exist any more", "1")]
    [InlineData("", "\"$kept\"", "ready in", "3")]
    [InlineData("--raw", "\"$kept\"", "ready in", "3")]
    [InlineData("--json --relative --quiet", "\"$kept\" .", "change into one that does, or give an absolute PATH", "1")]
    public void A_deleted_current_directory_matters_only_to_relative_paths(
        string options, string path, string said, string status)
    {
        _tree.MakeDirectory("kept");
        string command = $"kept=$PWD/kept; mkdir d; cd d; rmdir ../d; "
            + $"'{PublishedBinary.Path}' watch {options} --timeout 50ms {path}; echo $?";
        using ChildProcess shell = ChildProcess.Start("bash", ["-c", command], _tree.Path);
        CommandRun run = CommandRun.End(shell);
        Assert.Equal(status, run.Output[^1]);
        Assert.Contains(said, Assert.Single(run.Errors));
    }

    [Fact]
    public void A_directory_that_may_not_be_read_is_told_and_the_others_are_watched()
    {
        _tree.MakeDirectory("good");
        File.SetUnixFileMode(_tree.MakeDirectory("locked"), UnixFileMode.None);
        // Root may read everything, unless it gives that right away.
        string[] drop = Environment.IsPrivilegedProcess
            ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"]
            : ["env"];
        foreach (string mode in new[] { "--events=created", "--raw" })
        {
            using ChildProcess watch = ChildProcess.Start(
                drop[0], [.. drop[1..], PublishedBinary.Path, "watch", mode, "-n1", "locked", "good"], _tree.Path);
            _ = WaitForReady(watch);
            _tree.WriteFile($"good/{mode}");
            CommandRun run = CommandRun.End(watch);
            Assert.Equal(1, run.Status);
            Assert.Single(run.Output);
            string refusal = run.Errors.Single(static line => !line.Contains("ready in") && !line.Contains(": wd "));
            Assert.Contains("locked): permission denied (EACCES): read permission is needed on it", refusal);
        }
    }

    [Fact]
    public void A_named_pipe_is_watched_as_a_file_and_not_opened()
    {
        _ = ChildProcess.Shell("mkfifo p", _tree.Path);
        using ChildProcess watch = Start("--json", "--count", "1", "p");
        _ = watch.Output.WaitForLine(static line => line.Contains("\"ready\""), "the watcher to be ready");
        File.SetUnixFileMode(_tree.At("p"), UnixFileMode.UserRead);
        string line = CommandRun.End(watch).Output[^1];
        Assert.StartsWith($"{{\"kind\":\"metadata\",\"path\":\"{_tree.At("p")}\",\"type\":\"other\"", line);
    }

    [Fact]
    public void Each_of_many_bad_paths_is_one_line_and_the_good_ones_lose_nothing()
    {
        _tree.WriteFile("file");
        _tree.MakeDirectory("good/in");
        File.CreateSymbolicLink(_tree.At("dangling"), "nowhere");
        string[] paths = ["missing", "good", "dangling", "./good", "file/x", "good/in", "file", "a\nb", "good"];
        using ChildProcess watch = Start(["--events", "created,metadata", "--count", "3", .. paths]);
        _ = WaitForReady(watch);
        _tree.WriteFile("good/in/a");
        _tree.WriteFile("good/b");
        File.SetUnixFileMode(_tree.At("file"), UnixFileMode.UserRead);
        CommandRun run = CommandRun.End(watch);
        Assert.Equal(1, run.Status);
        Assert.Equal(["created   good/in/a", "created   good/b", "metadata  file"], run.Output);
        Assert.Collection(
            run.Errors,
            line => Assert.Contains($"{_tree.At("missing")}): no such file or directory (ENOENT): check", line),
            line => Assert.Contains("it is a symbolic link to nowhere, which does not exist", line),
            line => Assert.Equal("vigil: ./good is the same as good; it is watched once", line),
            line => Assert.Contains("(ENOTDIR): a part of the path is a file", line),
            line => Assert.Contains(@"a\nb): no such file or directory (ENOENT)", line),
            line => Assert.Equal("vigil: good is given twice; it is watched once", line),
            line => Assert.Equal("vigil: good/in is inside good: each change is told once", line),
            line => Assert.Contains("ready in", line));
    }

    [Theory]
    [InlineData("--json --events created", "pathBytes", ".")]
    [InlineData("--json --events created", "pathBytes", "*/in")]
    [InlineData("--json --events created", "pathBytes", "link/in")]
    [InlineData("--raw --json --events create", "watchBytes", "*/in")]
    public void A_path_need_not_be_utf8(string options, string field, string path)
    {
        _tree.MakeDirectory([.. "é"u8, 0xff, 0xe2, 0x82]);
        byte[] inner = [.. "é"u8, 0xff, 0xe2, 0x82, .. "/in"u8];
        _tree.MakeDirectory(inner);
        string before = path == "." ? "cd */in;" : path.StartsWith("link") ? "ln -s * link;" : string.Empty;
        string command = $"{before} exec '{PublishedBinary.Path}' watch {options} --count 1 {path}";
        using ChildProcess watch = ChildProcess.Start("bash", ["-c", command], _tree.Path);
        _ = watch.Output.WaitForLine(static line => line.Contains("\"ready\""), "the watcher to be ready");
        _tree.MakeFile([.. inner, .. "/new"u8]);
        CommandRun run = CommandRun.End(watch);
        Assert.Equal(0, run.Status);
        JsonElement change = JsonDocument.Parse(run.Output[^1]).RootElement;
        byte[] expected = [.. Encoding.UTF8.GetBytes(_tree.Path), (byte)'/', .. inner];
        if (path.StartsWith("link"))
        {
            Assert.Equal(_tree.At("link/in/new"), change.GetProperty("path").GetString());
            return;
        }

        Assert.Equal(expected, change.GetProperty(field).GetBytesFromBase64()[..expected.Length]);
    }

    [Theory]
    [InlineData("watch")]
    [InlineData("watch --raw")]
    public void A_bad_path_that_is_not_utf8_is_told_byte_by_byte(string command)
    {
        _tree.MakeDirectory([0xff]);
        string line = $"'{PublishedBinary.Path}' {command} $'\\xff/no'; echo $?";
        using ChildProcess shell = ChildProcess.Start("bash", ["-c", line], _tree.Path);
        CommandRun run = CommandRun.End(shell);
        Assert.Equal("1", Assert.Single(run.Output));
        Assert.Contains(@"\xff/no): no such file or directory (ENOENT)", Assert.Single(run.Errors));
        Assert.EndsWith($@"the nearest part of it that exists is {_tree.Path}/\xff", run.Errors[0]);
    }

    [Fact]
    public void Patterns_and_formats_need_not_be_utf8()
    {
        string command = $"'{PublishedBinary.Path}' watch --exclude $'*\\xfe' --format $'\\xfd%f' --events created "
            + "--count 1 --quiet . & until grep -q 'inotify wd' /proc/$!/fdinfo/* 2>/dev/null; do :; done; "
            + "touch $'a\\xfe' $'a\\xff'; wait";
        using ChildProcess shell = ChildProcess.Start("bash", ["-c", command], _tree.Path);
        Assert.Equal(0, shell.WaitForExit());
        Assert.Equal([0xfd, (byte)'a', 0xff, (byte)'\n'], shell.Output.Bytes);
    }

    private static string WaitForReady(ChildProcess watch) =>
        watch.Errors.WaitForLine(static line => line.Contains("ready in"), "the watcher to be ready");

    private ChildProcess Start(params string[] arguments) => CommandRun.Start(_tree.Path, ["watch", .. arguments]);
}
