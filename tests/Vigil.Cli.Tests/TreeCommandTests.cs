using System.Text;
using System.Text.Json;
using Vigil.Testing;

namespace Vigil.Cli.Tests;

/// <summary><c>vigil watch</c> on trees: that what the options say is what is printed.</summary>
public sealed class TreeCommandTests : IDisposable
{
    private const string End = "zzz-end";
    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void Json_is_one_object_a_line_with_ready_first_and_numbers_without_gaps()
    {
        using ChildProcess watch = Start("--json", ".");
        JsonElement ready = Json(watch.Output.WaitForLine(static _ => true, "the first line"));
        Assert.Equal("ready", ready.GetProperty("kind").GetString());
        Assert.Equal("inotify", ready.GetProperty("backend").GetString());
        Assert.Equal(1, ready.GetProperty("directories").GetInt32());
        Assert.True(ready.GetProperty("entries").GetInt32() >= 0);
        Assert.True(ready.GetProperty("elapsedMs").GetInt64() >= 0);
        _tree.WriteFile("d/a", "text");
        // What comes and goes in a new directory before it can be watched is not told, so the file is waited for.
        _ = watch.Output.WaitForLine(line => line.Contains("/d/a\""), "the file in the new directory");
        Directory.Move(_tree.At("d"), _tree.At("e"));
        File.Delete(_tree.At("e/a"));
        JsonElement[] lines = ReadToEnd(watch);
        Assert.Equal(Enumerable.Range(2, lines.Length).Select(static n => (long)n), lines.Select(Sequence));
        Assert.All(lines, static line => Assert.Matches(
            @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", line.GetProperty("time").GetString()));
        Assert.Contains(lines, line => Is(line, "created", "d", "directory"));
        Assert.Contains(lines, line => Is(line, "deleted", "e/a", "file"));
        JsonElement renamed = Assert.Single(lines, static line => Kind(line) == "renamed");
        Assert.Equal(_tree.At("e"), renamed.GetProperty("path").GetString());
        Assert.Equal(_tree.At("d"), renamed.GetProperty("oldPath").GetString());
    }

    [Fact]
    public void Odd_names_are_valid_json_and_keep_their_bytes()
    {
        using ChildProcess watch = Start("--json", "--events", "created", ".");
        WaitForJsonReady(watch);
        byte[][] names = [[.. "a\n\"\\\t"u8], [.. "é漢"u8], [.. "x"u8, 0xff, 0xfe], [.. "\u001b[31m"u8]];
        foreach (byte[] name in names)
        {
            _tree.MakeFile(name);
        }

        JsonElement[] lines = ReadToEnd(watch);
        foreach (byte[] name in names)
        {
            byte[] path = [.. Encoding.UTF8.GetBytes(_tree.Path), (byte)'/', .. name];
            Assert.Single(lines, line => PathBytes(line).AsSpan().SequenceEqual(path));
        }
    }

    [Fact]
    public void Lines_are_relative_and_one_change_is_one_line()
    {
        using ChildProcess watch = Start(".");
        WaitForReady(watch);
        _tree.MakeFile("a\nb"u8);
        Directory.CreateDirectory(_tree.At("d"));
        _tree.WriteFile(End);
        _ = watch.Output.WaitForLine(static line => line == $"created   {End}", "the end");
        Assert.Contains("created   a\\nb", watch.Output.Lines);
        Assert.Contains("created   d", watch.Output.Lines);
    }

    [Fact]
    public void Colour_is_for_terminals_or_on_demand()
    {
        using ChildProcess plain = Start("--count", "1", ".");
        using ChildProcess coloured = Start("--count", "1", "--color", "always", ".");
        WaitForReady(plain);
        WaitForReady(coloured);
        _tree.WriteFile("a");
        Assert.Equal("created   a", Assert.Single(CommandRun.End(plain).Output));
        Assert.Equal("\u001b[32mcreated\u001b[0m   a", Assert.Single(CommandRun.End(coloured).Output));
    }

    [Fact]
    public void Quiet_says_nothing_on_standard_error()
    {
        using ChildProcess watch = Start("--quiet", "--json", "--count", "1", ".", ".");
        WaitForJsonReady(watch);
        _tree.WriteFile("a");
        CommandRun run = CommandRun.End(watch);
        Assert.Equal(0, run.Status);
        Assert.Empty(run.Errors);
    }

    [Fact]
    public void Count_ends_after_that_many_changes()
    {
        using ChildProcess watch = Start("--json", "--events", "created", "--count", "3", ".");
        WaitForJsonReady(watch);
        for (int i = 0; i < 10; i++)
        {
            _tree.WriteFile($"{i}");
        }

        CommandRun run = CommandRun.End(watch);
        Assert.Equal(0, run.Status);
        Assert.Equal(4, run.Output.Count);
    }

    [Fact]
    public void Initial_tells_what_is_there_after_ready()
    {
        _tree.WriteFile("d/a");
        using ChildProcess watch = Start("--json", "--initial", ".");
        WaitForJsonReady(watch);
        JsonElement[] lines = ReadToEnd(watch);
        JsonElement[] initial = [.. lines.Where(static line => line.TryGetProperty("initial", out _))];
        Assert.All(initial, static line => Assert.Equal("created", Kind(line)));
        int directory = Array.FindIndex(initial, line => Is(line, "created", "d", "directory"));
        int file = Array.FindIndex(initial, line => Is(line, "created", "d/a", "file"));
        Assert.InRange(directory, 0, file - 1);
    }

    [Fact]
    public void Only_the_kinds_asked_for_are_told()
    {
        using ChildProcess watch = Start("--json", "--events", "created", "--events", "deleted", ".");
        WaitForJsonReady(watch);
        _tree.WriteFile("a", "text");
        File.Delete(_tree.At("a"));
        Assert.Equal(["created", "deleted", "created"], ReadToEnd(watch).Select(Kind));
    }

    [Fact]
    public void Patterns_choose_what_is_told()
    {
        using ChildProcess watch = Start(
            "--json", "--events", "created", "--include", "*.cs", "--include", End, "--exclude", "obj/", ".");
        WaitForJsonReady(watch);
        _tree.WriteFile("a.cs");
        _tree.WriteFile("a.txt");
        _tree.WriteFile("obj/b.cs");
        Assert.Equal([_tree.At("a.cs"), _tree.At(End)], ReadToEnd(watch).Select(PathOf));
    }

    [Fact]
    public void Ignore_files_are_obeyed_on_demand()
    {
        _tree.WriteFile(".gitignore", "*.o\n");
        _tree.MakeDirectory(".git");
        using ChildProcess watch = Start("--json", "--events", "created", "--gitignore", ".");
        WaitForJsonReady(watch);
        _tree.WriteFile("a.o");
        _tree.WriteFile(".git/x");
        _tree.WriteFile("a.c");
        Assert.Equal([_tree.At("a.c"), _tree.At(End)], ReadToEnd(watch).Select(PathOf));
    }

    [Fact]
    public void Subdirectories_can_be_left_alone()
    {
        _tree.MakeDirectory("d");
        using ChildProcess watch = Start("--json", "--events", "created", "--no-recursive", ".");
        WaitForJsonReady(watch);
        _tree.WriteFile("d/a");
        Assert.Equal([_tree.At(End)], ReadToEnd(watch).Select(PathOf));
    }

    [Fact]
    public void A_format_prints_what_it_says()
    {
        _tree.MakeDirectory("d");
        using ChildProcess watch = Start("--format", "%w|%f|%e", "--events", "created", "--count", "3", ".");
        WaitForReady(watch);
        _tree.WriteFile("a");
        _tree.WriteFile("d/b");
        _tree.MakeDirectory("d/e");
        Assert.Equal(["./|a|created", "d/|b|created", "d/|e|created,isdir"], CommandRun.End(watch).Output.Order());
    }

    [Fact]
    public void With_nul_records_end_in_nul_and_names_are_as_they_are()
    {
        using ChildProcess watch = Start("-0", "--events", "created", "--count", "1", ".");
        WaitForReady(watch);
        _tree.MakeFile([.. "a\nb"u8, 0xff]);
        Assert.Equal(0, watch.WaitForExit());
        Assert.Equal([.. "created   a\nb"u8, 0xff, 0], watch.Output.Bytes);
    }

    [Fact]
    public void Json_paths_can_be_relative()
    {
        using ChildProcess watch = Start("--json", "--relative", "--events", "created", "--count", "1", ".");
        WaitForJsonReady(watch);
        _tree.WriteFile("a");
        Assert.Equal("a", PathOf(Json(CommandRun.End(watch).Output[^1])));
    }

    [Fact]
    public void Settle_tells_one_change_for_a_path()
    {
        using ChildProcess watch = Start("--json", "--settle", "100ms", ".");
        WaitForJsonReady(watch);
        for (int i = 0; i < 20; i++)
        {
            File.AppendAllText(_tree.At("a"), "line\n");
        }

        Assert.Single(ReadToEnd(watch), line => PathOf(line) == _tree.At("a"));
    }

    [Fact]
    public void Polling_sees_changes_too()
    {
        using ChildProcess watch = Start("--json", "--backend", "poll", "--poll", "20ms", "--events", "created", ".");
        string ready = watch.Output.WaitForLine(static _ => true, "the first line");
        Assert.Equal("poll", Json(ready).GetProperty("backend").GetString());
        Assert.Equal([_tree.At(End)], ReadToEnd(watch).Select(PathOf));
    }

    [Fact]
    public void A_single_file_is_watched()
    {
        _tree.WriteFile("a");
        _tree.WriteFile("b");
        using ChildProcess watch = Start("--json", "--count", "1", "a");
        WaitForJsonReady(watch);
        _tree.WriteFile("b", "text");
        _tree.WriteFile("a", "text");
        Assert.Equal(_tree.At("a"), PathOf(Json(CommandRun.End(watch).Output[^1])));
    }

    private static JsonElement Json(string line) => JsonDocument.Parse(line).RootElement;

    private static string Kind(JsonElement line) => line.GetProperty("kind").GetString()!;

    private static long Sequence(JsonElement line) => line.GetProperty("seq").GetInt64();

    private static string PathOf(JsonElement line) => line.GetProperty("path").GetString()!;

    private static byte[] PathBytes(JsonElement line) => line.TryGetProperty("pathBytes", out JsonElement bytes)
        ? bytes.GetBytesFromBase64()
        : Encoding.UTF8.GetBytes(PathOf(line));

    private static void WaitForJsonReady(ChildProcess watch) =>
        watch.Output.WaitForLine(static line => line.Contains("\"kind\":\"ready\""), "the watcher to be ready");

    private static void WaitForReady(ChildProcess watch) =>
        watch.Errors.WaitForLine(static line => line.Contains("ready in"), "the watcher to be ready");

    private bool Is(JsonElement line, string kind, string name, string type) =>
        Kind(line) == kind && PathOf(line) == _tree.At(name) && line.GetProperty("type").GetString() == type;

    // Everything after ready, up to the creation of a file that is made now.
    private JsonElement[] ReadToEnd(ChildProcess watch)
    {
        _tree.WriteFile(End);
        _ = watch.Output.WaitForLine(line => line.Contains(End), "the end");
        watch.Send(Signal.SIGINT);
        Assert.Equal(0, watch.WaitForExit());
        JsonElement[] lines = [.. watch.Output.Lines.Skip(1).Select(Json)];
        return lines[..(Array.FindIndex(lines, line => PathOf(line) == _tree.At(End)) + 1)];
    }

    private ChildProcess Start(params string[] arguments) => CommandRun.Start(_tree.Path, ["watch", .. arguments]);
}
