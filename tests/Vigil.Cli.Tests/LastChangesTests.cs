using System.Text;
using System.Text.Json;
using Vigil.Testing;

namespace Vigil.Cli.Tests;

/// <summary>What happened before the end is told, whatever the end is and however slow the reader.</summary>
public sealed class LastChangesTests : IDisposable
{
    private const int Files = 1500;
    private readonly TempTree _tree = TempTree.InMemory();

    public LastChangesTests() => _tree.MakeDirectory("d");

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("", "created   d/")]
    [InlineData("--raw", "name: ")]
    [InlineData("--raw --json", "\"name\":\"")]
    [InlineData("--json", "/d/")]
    [InlineData("--settle 1h", "created   d/")]
    [InlineData("--backend poll --poll 1h", "created   d/")]
    public void A_signal_right_after_the_last_change_loses_none(string options, string before)
    {
        string[] arguments = ["watch", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        string[] created = options.Contains("--raw") ? ["--events", "create"] : ["--events", "created"];
        using ChildProcess watch = CommandRun.Start(_tree.Path, [.. arguments, .. created, "d"]);
        WaitForReady(watch, options.Contains("--json"));
        for (int i = 0; i < 500; i++)
        {
            _tree.WriteFile($"d/{i}");
        }

        watch.Send(Signal.SIGINT);
        CommandRun run = CommandRun.End(watch);
        Assert.Equal(0, run.Status);
        string[] told = [.. run.Output.Where(line => line.Contains(before) && !line.Contains("\"ready\""))];
        Assert.Equal(Enumerable.Range(0, 500), told.Select(line => NumberAfter(before, line)).Order());
    }

    [Fact]
    public void The_time_given_leaves_no_gap()
    {
        using ChildProcess watch = CommandRun.Start(
            _tree.Path, "watch", "--json", "--events", "created", "--timeout", "2s", "d");
        WaitForReady(watch, isJson: true);
        for (int i = 0; !watch.HasExited; i++)
        {
            _tree.WriteFile($"d/{i}");
        }

        CommandRun run = CommandRun.End(watch);
        Assert.Equal(3, run.Status);
        Assert.Equal(Enumerable.Range(0, run.Output.Count - 1), run.Output.Skip(1).Select(NumberOf));
    }

    [Theory]
    [InlineData("--json --events created d", true)]
    [InlineData("--json --events created --count 1500 d", false)]
    [InlineData("--raw --json --events create d", true)]
    public void A_slow_reader_gets_everything(string arguments, bool isStopped)
    {
        using PipeReader reader = Fill(arguments);
        if (isStopped)
        {
            reader.Process.Send(Signal.SIGINT);
        }

        int looks = 0;
        Eventually.True(() => !reader.Read(++looks < 10 ? 1 : 16), "the end of the output");
        CommandRun run = CommandRun.End(reader.Process);
        Assert.Equal(0, run.Status);
        Assert.DoesNotContain(run.Errors, static line => line.Contains("not written"));
        Assert.Equal(Enumerable.Range(0, Files), reader.Lines.Skip(1).Select(NumberOf));
    }

    [Fact]
    public void A_second_signal_ends_it_at_once()
    {
        using PipeReader reader = Fill("--json --events created d");
        reader.Process.Send(Signal.SIGINT);
        int pages = 0;
        Eventually.True(() => reader.Read() && ++pages == 5, "some of the output after the first signal");
        Eventually.True(
            () => !ProcessState.HasPending(reader.Process.Id, Signal.SIGINT), "the first signal to be taken");
        Assert.False(reader.Process.HasExited);

        // The reader goes on, so nothing but the signal keeps it from getting all of it.
        reader.Process.Send(Signal.SIGINT);
        Eventually.True(() => !reader.Read(), "the end of the output");
        Assert.Equal(0, reader.Process.WaitForExit());
        Assert.InRange(reader.Lines.Length, 1, Files);
    }

    [Theory]
    [InlineData("-0")]
    [InlineData("--format %o%0%w%f%0")]
    [InlineData("--format %o%n%w%f%0")]
    public void What_a_stuck_reader_gets_ends_with_a_whole_record(string options)
    {
        // The second name is the long one: nearly every place to cut at lies behind the first. All are told at once,
        // to a pipe that has room for some of it, page by page.
        const int Taken = 32 * 1024;
        string longName = new('x', 200);
        using PipeReader reader = new(_tree, $"watch {options} --events renamed d", Taken);
        _ = reader.Process.Errors.WaitForLine(static line => line.Contains("ready in"), "the watcher to be ready");
        reader.Process.Send(Signal.SIGSTOP);
        for (int i = 0; i < 1000; i++)
        {
            _tree.WriteFile($"d/{i}");
            File.Move(_tree.At($"d/{i}"), _tree.At($"d/{longName}{i}"));
        }

        reader.Process.Send(Signal.SIGCONT);
        Eventually.True(() => ProcessState.IsBlocked(reader.Process.Id), "a full pipe");
        reader.Process.Send(Signal.SIGTERM);
        _ = reader.Process.Errors.WaitForLine(static line => line.Contains("not written"), "the word about the rest");
        Assert.Equal(0, reader.Process.WaitForExit());
        Eventually.True(() => !reader.Read(16), "the end of the output");
        string text = Encoding.UTF8.GetString(reader.Bytes.AsSpan(Taken));
        Assert.EndsWith("\0", text);
        string[] names = text[..^1].Split(['\0', '\n']);
        Assert.Equal(0, names.Length % 2);
        Assert.InRange(names.Length / 2, 1, 999);
        Assert.All(names.Chunk(2).Index(), record =>
        {
            Assert.EndsWith($"d/{record.Index}", record.Item[0]);
            Assert.Equal($"d/{longName}{record.Index}", record.Item[1]);
        });
    }

    [Theory]
    [InlineData("", true, 0)]
    [InlineData("--timeout 2s", false, 3)]
    public void A_disk_that_does_not_answer_is_not_waited_for(string options, bool isStopped, int status)
    {
        SlowDisk disk = new(_tree);
        string[] arguments = [.. disk.Environment("watch"), PublishedBinary.Path, "watch"];
        using ChildProcess watch = ChildProcess.Start(
            "env", [.. arguments, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), "d"], _tree.Path);
        disk.WaitFor("watch");
        if (isStopped)
        {
            watch.Send(Signal.SIGINT);
        }

        CommandRun.End(watch).ExpectOneLine(status, "the end took longer than 1 s, and was not waited for");
    }

    // A watcher whose pipe is full, with more to tell.
    private PipeReader Fill(string arguments)
    {
        PipeReader reader = new(_tree, $"watch {arguments}");
        Eventually.True(() => ProcessState.IsWatching(reader.Process.Id), "the watch to be set");
        Eventually.True(() => reader.Read(), "the ready line");
        for (int i = 0; i < Files; i++)
        {
            _tree.WriteFile($"d/{i}");
        }

        Eventually.True(() => ProcessState.IsBlocked(reader.Process.Id), "a full pipe");
        return reader;
    }

    private static void WaitForReady(ChildProcess watch, bool isJson) => (isJson ? watch.Output : watch.Errors)
        .WaitForLine(static line => line.Contains("ready"), "the watcher to be ready");

    private static int NumberAfter(string before, string line) =>
        int.Parse(string.Concat(line[(line.IndexOf(before) + before.Length)..].TakeWhile(char.IsAsciiDigit)));

    private static int NumberOf(string line)
    {
        JsonElement change = JsonDocument.Parse(line).RootElement;
        string name = change.TryGetProperty("path", out JsonElement path)
            ? Path.GetFileName(path.GetString()!)
            : change.GetProperty("name").GetString()!;
        return int.Parse(name);
    }
}
