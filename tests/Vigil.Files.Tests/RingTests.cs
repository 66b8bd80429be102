namespace Vigil.IO.Tests;

/// <summary>A ring whose queues run over, and what it leaves behind.</summary>
[Collection(nameof(Alone))]
public sealed class RingTests
{
    private const int Reads = 10_000;

    [Theory]
    [InlineData(1, 2)]
    [InlineData(4, 8)]
    [InlineData(256, 512)]
    public async Task Completions_that_do_not_fit_are_not_lost(int entries, int completions)
    {
        await using var engine = new FileEngine(new()
        {
            Backend = FileBackend.IoUring,
            SubmissionEntries = entries,
            CompletionEntries = completions,
        });
        using var pipe = new Pipe();
        byte[] sent = Pattern.Bytes(Reads), got = new byte[Reads];
        Task<int>[] reads = [.. Enumerable.Range(0, Reads)
            .Select(i => engine.ReadAsync(pipe.Output, got.AsMemory(i, 1), 0).AsTask())];
        pipe.Write(sent);
        Assert.All(await Task.WhenAll(reads), count => Assert.Equal(1, count));
        Assert.Equal(sent.Order(), got.Order());
        Assert.True(engine.Ring!.Overflows > 0, "the queue never ran over");
        Assert.Equal(0u, engine.Ring.LostCompletions);
    }

    [Fact]
    public async Task A_continuation_does_not_run_in_the_thread_that_takes_completions()
    {
        await using var engine = new FileEngine(new() { Backend = FileBackend.IoUring });
        using var pipe = new Pipe();
        Task<string?> name = Task.Run(async () =>
        {
            await engine.ReadAsync(pipe.Output, new byte[1], 0).ConfigureAwait(false);
            return Thread.CurrentThread.IsThreadPoolThread ? "pool" : Thread.CurrentThread.Name;
        });
        pipe.Write([1]);
        Assert.Equal("pool", await name);
    }

    [Fact]
    public void A_ring_that_is_disposed_tells_so_and_faults_in_no_thread()
    {
        using ChildProcess host = HostProcess.Start("closedring");
        int status = host.WaitForExit();
        Assert.True(status == 0, $"{status}: {string.Join('\n', [.. host.Output.Lines, .. host.Errors.Lines])}");
        Assert.Equal(["told 11", "mapped 0", "raced 300"], host.Output.Lines);
    }

    [Theory]
    [InlineData(FileBackend.Auto)]
    [InlineData(FileBackend.IoUring)]
    [InlineData(FileBackend.Threads)]
    public async Task Memory_stays_where_it_is_until_the_kernel_is_done(FileBackend backend)
    {
        const int Count = 100;
        await using var engine = new FileEngine(new() { Backend = backend });
        using var pipe = new Pipe();
        (byte[][] read, byte[][] others) = (new byte[Count][], new byte[Count][]);
        Task<int>[] reads = new Task<int>[Count];
        for (int i = 0; i < Count; i++)
        {
            // With holes between them, which a compacting collection closes.
            _ = new byte[10_000];
            others[i] = new byte[1000];
            _ = new byte[10_000];
            read[i] = new byte[1000];
            reads[i] = engine.ReadAsync(pipe.Output, read[i].AsMemory(0, 1), 0).AsTask();
        }

        nint[] pinned = [.. read.Select(Address)], free = [.. others.Select(Address)];
        Assert.True(
            Enumerable.Range(0, 20).Any(_ =>
            {
                GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                return !free.SequenceEqual(others.Select(Address));
            }),
            "nothing was moved, so nothing is shown");
        Assert.Equal(pinned, read.Select(Address));
        pipe.Write(Pattern.Bytes(Count));
        Assert.All(await Task.WhenAll(reads), got => Assert.Equal(1, got));
        Assert.Equal(Pattern.Bytes(Count).Order(), read.Select(buffer => buffer[0]).Order());

        static unsafe nint Address(byte[] bytes)
        {
            fixed (byte* start = bytes)
            {
                return (nint)start;
            }
        }
    }

    // As when the kernel has no memory for more: then it takes the beginning of a chain, and not its end.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public async Task Chains_that_are_cut_bring_every_file_once_and_whole(int most)
    {
        using var tree = new TempTree();
        Dictionary<string, byte[]> files = [];
        for (int i = 0; i < 300; i++)
        {
            byte[] content = Pattern.Bytes((i * 131) % 30_000, i);
            string path = tree.WriteFile($"{i}", "");
            File.WriteAllBytes(path, content);
            files.Add(path, content);
        }

        string none = tree.At("none");
        await using var engine = new FileEngine(new() { Backend = FileBackend.IoUring });
        int refused = 0;
        var options = new ReadManyOptions { InFlight = 7, MostSubmitted = most };
        await foreach (FileContent content in engine.ReadManyAsync([none, .. files.Keys, none], options))
        {
            if (content.Path == none)
            {
                Assert.Equal("ENOENT", Assert.IsType<VigilException>(content.Error).ErrnoName);
                refused++;
                continue;
            }

            Assert.True(files.Remove(content.Path, out byte[]? expected), $"{content.Path} came twice");
            Assert.Equal(expected, content.Bytes);
        }

        Assert.Equal(2, refused);
        Assert.Empty(files);
    }

    [Fact]
    public void With_fewer_descriptors_than_files_in_flight_the_ring_has_fewer_places()
    {
        using var tree = new TempTree();
        for (int i = 0; i < 1000; i++)
        {
            tree.WriteFile($"{i}", "text");
        }

        using ChildProcess host = HostProcess.StartAfter("ulimit -n 200", "fewplaces", tree.Path);
        int status = host.WaitForExit();
        Assert.True(status == 0, $"{status}: {string.Join('\n', [.. host.Output.Lines, .. host.Errors.Lines])}");
        Assert.Equal(["IoUring, 1 thread", "files 1000"], host.Output.Lines);
    }

    [Theory]
    [InlineData(FileBackend.Auto)]
    [InlineData(FileBackend.Inline)]
    [InlineData(FileBackend.IoUring)]
    [InlineData(FileBackend.Threads)]
    public async Task Nothing_stays_open(FileBackend backend)
    {
        using var tree = new TempTree();
        string path = tree.WriteFile("file", new string('x', 100_000));
        string[] many = [.. Enumerable.Range(0, 300).Select(i => tree.WriteFile($"many/{i}", "text"))];
        await Work(backend, tree, path, many);

        // What was open for writing is closed by a thread of the pool, in its time.
        Eventually.True(() => Descriptors.Count(tree.Path) == 0, "all files to be closed");
        Dictionary<string, int> before = Counts(tree);
        for (int i = 0; i < 5; i++)
        {
            await Work(backend, tree, path, many);
        }

        Eventually.Passes(() => Assert.Equal(before, Counts(tree)), "as many descriptors as before");
    }

    private static Dictionary<string, int> Counts(TempTree tree) => new string[]
    {
        tree.Path, "anon_inode:[io_uring]", "anon_inode:[eventfd]",
    }.ToDictionary(start => start, Descriptors.Count);

    private static async Task Work(FileBackend backend, TempTree tree, string path, string[] many)
    {
        await using var engine = new FileEngine(new() { Backend = backend });
        _ = await engine.ReadAllBytesAsync(path, 100_000);
        foreach (WriteMode mode in Enum.GetValues<WriteMode>())
        {
            await engine.WriteAllBytesAsync(path, new byte[100_000], mode);
            await Assert.ThrowsAsync<VigilException>(
                async () => await engine.WriteAllBytesAsync(tree.Path, new byte[1], mode));
        }

        await Assert.ThrowsAsync<FileTooLargeException>(async () => await engine.ReadAllBytesAsync(path, 10));
        await Assert.ThrowsAsync<VigilException>(async () => await engine.ReadAllBytesAsync(tree.Path, 10));
        using (PreparedClose close = Files.PrepareClose())
        {
            close.Set(await engine.OpenAsync(path, FileMode.Open, FileAccess.ReadWrite));
        }

        Assert.Equal(300, await engine.ReadManyAsync(many).CountAsync());
        await foreach (FileContent content in engine.ReadManyAsync([.. many, tree.At("none"), tree.Path]))
        {
            Assert.Null(content.Error);
            break;
        }
    }
}
