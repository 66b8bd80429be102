using System.Text.Json;
using Vigil.Testing;

namespace Vigil.Cli.Tests.Run;

/// <summary>What changed reaches the command, and what is ignored starts none.</summary>
public sealed class ChangeTests : IDisposable
{
    private readonly RunProject _project = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void Placeholders_stand_for_each_change()
    {
        _project.Write("old");
        using ChildProcess run = _project.Start(
            "--settle", "50ms", "--",
            "sh", "-c", "echo \"$*\" >> $LOG", "sh", "-{kind}-{relative}", "{path}", "{{path}}");
        Assert.Equal(["{path}"], _project.WaitForRuns(1));
        _project.Write("a b");
        Assert.Equal($"-created-a b {_project.At("a b")} {{path}}", _project.WaitForRuns(2)[1]);
        File.Delete(_project.At("old"));
        Assert.Equal($"-deleted-old {_project.At("old")} {{path}}", _project.WaitForRuns(3)[2]);
        _project.End(run);
    }

    [Fact]
    public void In_a_shell_placeholders_are_quoted()
    {
        using ChildProcess run = _project.Start("--postpone", "--shell", "--", "printf '[%s]' {relative} >> $LOG");
        _ = run.Errors.WaitForLine(static line => line.Contains("ready in"), "the watcher to be ready");
        _project.Write("it's $HOME");
        Eventually.True(() => _project.Log is ["[it's $HOME]"], "the name as it is");
        _project.End(run);
    }

    [Fact]
    public void The_file_of_changes_has_the_fields_of_watch()
    {
        _project.Write("a");
        _project.MakeDirectory("d");
        using ChildProcess run = _project.StartShell("cat $VIGIL_CHANGES >> $LOG", "--postpone", "--settle", "100ms");
        _project.Write("a", "more");
        _project.Write("b");
        File.Move(_project.At("a"), _project.At("d/c"));
        JsonElement[] changes = [.. _project.WaitForRuns(2).Select(line => JsonDocument.Parse(line).RootElement)];
        JsonElement renamed = Assert.Single(changes, static c => c.GetProperty("kind").GetString() == "renamed");
        Assert.Equal(_project.At("d/c"), renamed.GetProperty("path").GetString());
        Assert.Equal(_project.At("a"), renamed.GetProperty("oldPath").GetString());
        JsonElement created = Assert.Single(changes, static c => c.GetProperty("kind").GetString() == "created");
        Assert.Equal(_project.At("b"), created.GetProperty("path").GetString());
        Assert.Equal("file", created.GetProperty("type").GetString());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", created.GetProperty("time").GetString());
        Assert.Equal([1, 2], changes.Select(static c => c.GetProperty("seq").GetInt32()));
        _project.End(run);
    }

    [Fact]
    public void The_variables_of_watchexec_are_there()
    {
        _project.Write("gone");
        _project.Write("d/written");
        using ChildProcess run = _project.StartShell(
            "env | grep ^WATCHEXEC_ | sort >> $LOG; echo end >> $LOG", "--postpone", "--settle", "100ms");
        File.Delete(_project.At("gone"));
        _project.Write("d/written", "more");
        _project.Write("new2");
        _project.Write("new1");
        _project.WaitForLine("end");
        Assert.Equal(
            [
                $"WATCHEXEC_COMMON_PATH={_project.Root}",
                "WATCHEXEC_CREATED_PATH=new1:new2",
                "WATCHEXEC_REMOVED_PATH=gone",
                "WATCHEXEC_WRITTEN_PATH=d/written",
                "end",
            ],
            _project.Log);
        _project.End(run);
    }

    [Fact]
    public void Standard_input_has_the_changes_as_json()
    {
        using ChildProcess run = _project.Start(
            "--stdin", "json", "--", "sh", "-c", "wc -l >> $LOG; cmp - $VIGIL_CHANGES");
        Assert.Equal("0", _project.WaitForRuns(1)[0].Trim());
        _project.Write("a");
        Assert.Equal("1", _project.WaitForRuns(2)[1].Trim());
        _project.End(run);
    }

    [Fact]
    public void A_name_that_is_not_UTF_8_reaches_the_command_as_it_is()
    {
        using ChildProcess run = _project.Start(
            "--postpone", "--", "sh", "-c", "printf %s \"${1##*/}\" | od -An -tx1 >> $LOG", "sh", "{path}");
        _ = run.Errors.WaitForLine(static line => line.Contains("ready in"), "the watcher to be ready");
        _ = ChildProcess.Shell("touch \"$(printf 'a\\377b')\"", _project.Root);
        Assert.Equal("61 ff 62", _project.WaitForRuns(1)[0].Trim());
        _project.End(run);
    }

    [Theory]
    [InlineData(".git/index")]
    [InlineData("a~")]
    [InlineData(".a.swp")]
    [InlineData("4913")]
    [InlineData("#a#")]
    [InlineData(".#a")]
    [InlineData("ignored.log")]
    [InlineData("d/also.o")]
    public void What_is_ignored_starts_no_run(string name)
    {
        _project.Write(".gitignore", "*.log\n");
        _project.Write("d/.ignore", "*.o\n");
        using ChildProcess run = _project.StartRecording("--postpone");
        _project.Write(name);
        Assert.Empty(_project.EndWithSentinel());
        _project.End(run);
    }

    [Theory]
    [InlineData("ignored.log", "--no-gitignore")]
    [InlineData("a~", "--no-default-ignores")]
    [InlineData(".git/index", "--no-default-ignores", "--no-gitignore")]
    public void Unless_told_otherwise(string name, params string[] options)
    {
        _project.Write(".gitignore", "*.log\n");
        _project.MakeDirectory(".git");
        using ChildProcess run = _project.StartRecording(["--postpone", .. options]);
        _project.Write(name);
        Assert.Equal($"run {Path.GetFileName(name)}", _project.WaitForRuns(1)[0]);
        _project.End(run);
    }

    [Theory]
    [InlineData("--ignoreRegExps")]
    [InlineData("--ignore-regexp")]
    public void Regular_expressions_ignore_by_the_relative_path(string option)
    {
        using ChildProcess run = _project.StartRecording("--postpone", option, "^gen/.*[0-9]$");
        _project.MakeDirectory("gen");
        _project.WaitForRuns(1);
        _project.Write("gen/a1");
        Assert.Equal(["run gen"], _project.EndWithSentinel());
        _project.Write("gen/a");
        Assert.Equal("run a", _project.WaitForRuns(3)[2]);
        _project.End(run);
    }

    [Fact]
    public void Patterns_paths_and_kinds_choose()
    {
        _project.MakeDirectory("src");
        _project.MakeDirectory("doc");
        using ChildProcess run = _project.StartRecording(
            "-w", "src", "-w", "doc", "-i", "*.cs", "--exclude", "x*", "--events", "created,deleted", "--postpone");
        _project.Write("src/a.txt");
        _project.Write("src/x.cs");
        _project.Write("b.cs");
        _project.Write("doc/c.cs");
        Assert.Equal(["run c.cs"], _project.WaitForRuns(1));
        _project.Write("doc/c.cs", "modified is not asked for");
        File.Delete(_project.At("doc/c.cs"));
        Assert.Equal(["run c.cs", "run c.cs"], _project.WaitForRuns(2));
        _project.End(run);
    }

    [Fact]
    public void A_command_that_starts_itself_is_told_of_and_ends()
    {
        using ChildProcess run = _project.StartShell(RunProject.Record + "; echo x >> out.txt");
        string line = run.Errors.WaitForLine(
            static text => text.Contains("in each of the last 3 runs"), "the word of the loop");
        Assert.Contains("out.txt was changed", line);
        Assert.Contains("--exclude '/out.txt'", line);
        _ = run.Errors.WaitForLine(static text => text.Contains("is written by the command itself"), "its end");
        int runs = _project.Log.Length;

        // What somebody else changes still starts a run, which is told of both. Renamed to here it is one change.
        File.WriteAllText(_project.Beside("a"), "");
        File.Move(_project.Beside("a"), _project.At("a"));
        Eventually.True(() => _project.Log is [.., { } last] && last.Contains(" a"), "the run of a");
        Assert.Equal(runs + 1, _project.Log.Length);
        Assert.Contains("out.txt", _project.Log[^1]);
        Assert.InRange(runs, 3, 5);
        _project.End(run);
    }

    [Fact]
    public void Saves_during_every_run_are_no_loop()
    {
        using ChildProcess run = _project.StartShell("cat f > ../seen 2>/dev/null; : > ../runs; sleep 0.05");
        for (int i = 0; i < 8; i++)
        {
            Eventually.True(() => File.Exists(_project.Beside("runs")), "a run to begin");
            File.Delete(_project.Beside("runs"));
            if (i > 0)
            {
                _project.Write("f", $"{i}");
            }
            else
            {
                Eventually.True(() => run.Errors.Lines.Any(static l => l.Contains("ok after")), "the first end");
                _project.Write("f", "0");
            }
        }

        string seen = _project.Beside("seen");
        Eventually.True(() => File.Exists(seen) && File.ReadAllText(seen) == "7", "the last save to be seen");
        _project.End(run);
    }
}
