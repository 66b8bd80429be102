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
    public void Subscribe_tells_what_changes_with_the_file_and_goes_on_where_it_stopped()
    {
        using TempTree sockets = TempTree.InMemory();
        var variables = new Dictionary<string, string?> { ["VIGIL_SOCKET"] = sockets.At("bus.sock") };
        using ChildProcess server = ChildProcess.Start(
            PublishedBinary.Path, ["serve"], workingDirectory: null, variables);
        _ = server.Errors.WaitForLine(line => line.Contains("serving at"), "the server to serve");
        _tree.MakeDirectory("src");
        using (ChildProcess sample = Sample.Start("Subscribe", _tree.Path, variables))
        {
            Expect(sample, "ready");
            _tree.WriteFile("src/a", "12345");
            Expect(sample, "closed   src/a, 5 bytes");
            using ChildProcess clock = ChildProcess.Start(
                PublishedBinary.Path, ["clock", _tree.At("src")], workingDirectory: null, variables);
            Assert.Equal(0, clock.WaitForExit());
            string last = Assert.Single(clock.Output.Lines);
            Eventually.True(() => File.ReadAllText(_tree.At("position")) == last, $"the position {last} to be saved");
            sample.Send(Signal.SIGKILL);
            _ = sample.WaitForExit();
        }

        _tree.WriteFile("src/b", "");
        using ChildProcess again = Sample.Start("Subscribe", _tree.Path, variables);
        Expect(again, "created  src/b");
        Assert.DoesNotContain(again.Output.Lines, line => line.Contains("src/a"));
    }

    [Fact]
    public void WatchFiles_says_what_is_to_be_loaded_again()
    {
        _tree.WriteFile("app.yaml");
        using ChildProcess sample = Sample.Start("WatchFiles", _tree.Path);
        Expect(sample, "app.yaml was watched for App, now for All");
        _tree.WriteFile("other.yaml");
        _tree.WriteFile("app.yaml.new", "text");
        File.Move(_tree.At("app.yaml.new"), _tree.At("app.yaml"), overwrite: true);
        Expect(sample, "All: CloseWrite");
        _tree.WriteFile("conf/users.yaml", "text");
        Expect(sample, "Users: CloseWrite");
        File.Delete(_tree.At("app.yaml"));
        Expect(sample, "All: Delete");
        Directory.Move(_tree.At("conf"), _tree.At("moved"));
        Expect(sample, "Users: Delete");
        Expect(sample, $"DirectoryLost {_tree.At("conf")}: it was removed, moved away or unmounted; "
            + "its files are told once it is back");
    }

    [Fact]
    public void WriteAndWatch_writes_a_file_watches_it_and_writes_it_again()
    {
        using ChildProcess sample = Sample.Start("WriteAndWatch", _tree.Path);
        Assert.Equal(0, sample.WaitForExit());
        Assert.Equal(
            [
                "line 1 / line 2", "watched from now on",
                "CloseWrite of ours", "line 1 / lorem ipsum",
                "Delete of ours", "CloseWrite of ours", "once more",
            ],
            sample.Output.Lines);
        Assert.Equal("once more", File.ReadAllText(_tree.At("test.txt")));
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

    [Fact]
    public void RingWriter_writes_also_when_nobody_reads_and_has_its_path_alone()
    {
        string ring = _tree.At("lines.ring");
        using ChildProcess writer = Sample.Start("RingWriter", _tree.Path, ring);
        Expect(writer, $"listening at {ring}");
        writer.Input.WriteLine("hello");
        writer.Input.Flush();
        Expect(writer, "written for 0");

        using ChildProcess another = Sample.Start("RingWriter", _tree.Path, ring);
        Assert.NotEqual(0, another.WaitForExit());
        Assert.Contains(another.Errors.Lines, line => line.Contains("EADDRINUSE", StringComparison.Ordinal));
        writer.Send(Signal.SIGKILL);
        _ = writer.WaitForExit();

        // It left its socket behind; the next one takes its place.
        using ChildProcess next = Sample.Start("RingWriter", _tree.Path, ring);
        Expect(next, $"listening at {ring}");
    }

    [Fact]
    public void RingReader_prints_lines_and_files_and_sees_the_writer_go()
    {
        string ring = _tree.At("lines.ring");
        using ChildProcess writer = Sample.Start("RingWriter", _tree.Path, ring);
        Expect(writer, $"listening at {ring}");
        using ChildProcess one = Sample.Start("RingReader", _tree.Path, ring);
        using ChildProcess two = Sample.Start("RingReader", _tree.Path, ring);
        Expect(one, "joined");
        Expect(two, "joined");
        _tree.WriteFile("a", "12345");
        writer.Input.WriteLine("hello");
        writer.Input.WriteLine("open a");
        writer.Input.Flush();
        Expect(writer, "written for 2");
        foreach (ChildProcess reader in (ChildProcess[])[one, two])
        {
            Expect(reader, "hello");
            Expect(reader, "open a");
            Expect(reader, "  with a file of 5 bytes");
        }

        two.Send(Signal.SIGKILL);
        _ = two.WaitForExit();
        writer.Input.Dispose();
        Assert.Equal(0, writer.WaitForExit());
        Expect(one, "the writer is gone");
        Assert.Equal(0, one.WaitForExit());
        Assert.False(File.Exists(ring));
    }

    [Fact]
    public void AsyncFiles_writes_and_reads_one_file_and_reads_many()
    {
        _tree.WriteFile("a", "12345");
        _tree.WriteFile("b", "123");
        _tree.WriteFile("c");
        using ChildProcess sample = Sample.Start("AsyncFiles", _tree.Path, _tree.Path);
        Assert.Equal(0, sample.WaitForExit());
        Assert.Equal(["answer: 42", "2 bytes at 8: 42"], sample.Output.Lines.Take(2));
        Assert.StartsWith("3 files with 8 bytes, by ", sample.Output.Lines[2]);
    }

    private static void Expect(ChildProcess sample, string line) =>
        sample.Output.WaitForLine(text => text == line, $"the line '{line}'");
}
