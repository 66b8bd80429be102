using Vigil.Platform;

namespace Vigil.IO.Tests.Contract;

/// <content>Many files at a time.</content>
public abstract partial class ContractTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(1000)]
    public async Task Many_files_come_once_each_and_whole(int inFlight)
    {
        int[] lengths = [0, 1, 4095, 4096, 4097, 16_383, 16_384, 16_385, 100_000];
        Dictionary<string, byte[]> files = Enumerable.Range(0, 500).ToDictionary(
            i => _tree.At($"file {i}"), i => Pattern.Bytes(lengths[i % lengths.Length], i));
        foreach ((string path, byte[] content) in files)
        {
            File.WriteAllBytes(path, content);
        }

        await foreach (FileContent content in Engine.ReadManyAsync(files.Keys, new() { InFlight = inFlight }))
        {
            Assert.Null(content.Error);
            Assert.True(files.Remove(content.Path, out byte[]? expected), $"{content.Path} came twice");
            Assert.Equal(expected, content.Bytes);
        }

        Assert.Empty(files);
    }

    [Fact]
    public async Task Of_many_files_those_that_cannot_be_read_say_why_and_the_others_come()
    {
        string[] paths =
        [
            Write("three", [1, 2, 3]), _tree.At("none"), _tree.Path, Write("large", new byte[101]),
            Write("larger", new byte[20_000]), "/proc/self/status", Write("right", new byte[100]), _tree.At("loop"),
            _tree.At("three/four"), Write("empty", []),
        ];
        File.CreateSymbolicLink(_tree.At("loop"), "loop");
        Dictionary<string, FileContent> contents = await Engine.ReadManyAsync(paths, new() { MaxBytes = 100 })
            .ToDictionaryAsync(content => content.Path);
        Assert.Equal(paths.Order(), contents.Keys.Order());
        Assert.Equal([1, 2, 3], contents[paths[0]].Bytes);
        Assert.Equal(100, contents[paths[6]].Bytes.Length);
        Assert.Empty(contents[paths[9]].Bytes);
        Assert.Equal(Failure.NotFound, Assert.IsType<VigilException>(contents[paths[1]].Error).Failure);
        Assert.Equal("EISDIR", Assert.IsType<VigilException>(contents[paths[2]].Error).ErrnoName);
        Assert.Equal("ELOOP", Assert.IsType<VigilException>(contents[paths[7]].Error).ErrnoName);
        Assert.Equal("ENOTDIR", Assert.IsType<VigilException>(contents[paths[8]].Error).ErrnoName);
        foreach (int large in (int[])[3, 4, 5])
        {
            FileTooLargeException told = Assert.IsType<FileTooLargeException>(contents[paths[large]].Error);
            Assert.Equal((paths[large], 100), (told.Path, told.MaxBytes));
            Assert.Throws<FileTooLargeException>(() => contents[paths[large]].Bytes);
        }
    }

    [Fact]
    public async Task Files_of_proc_come_whole_among_many()
    {
        string[] paths = [.. Enumerable.Repeat("/proc/self/maps", 20)];
        await foreach (FileContent content in Engine.ReadManyAsync(paths))
        {
            Assert.True(content.Bytes.Length > 3 * 4096);
            Assert.Equal((byte)'\n', content.Bytes[^1]);
        }
    }

    [Fact]
    public async Task A_fifo_among_many_is_read_whole_or_told_and_can_be_left()
    {
        string fifo = _tree.At("fifo"), file = Write("file", [1]);
        Assert.Equal(0, Libc.MakeFifo(fifo, 0x180));
        if (!IsBlocking)
        {
            using ChildProcess writer = ChildProcess.Start(
                "sh", "-c", $"trap '' PIPE; exec >'{fifo}'; printf one; read go; printf two");
            await using IAsyncEnumerator<FileContent> contents =
                Engine.ReadManyAsync([fifo, file]).GetAsyncEnumerator();
            Assert.True(await contents.MoveNextAsync());
            FileContent first = contents.Current;
            writer.Input.WriteLine();
            writer.Input.Flush();
            Assert.True(await contents.MoveNextAsync());
            (FileContent plain, FileContent ofFifo) =
                first.Path == file ? (first, contents.Current) : (contents.Current, first);
            Assert.Equal(file, plain.Path);
            Assert.Equal([1], plain.Bytes);
            if (ofFifo.Error is { } told)
            {
                Assert.Contains("FIFO", Assert.IsType<IOException>(told).Message);
            }
            else
            {
                Assert.Equal("onetwo"u8.ToArray(), ofFifo.Bytes);
            }

            Assert.False(await contents.MoveNextAsync());
        }

        // Left while its writer says nothing: what read it is gone, though nothing came.
        using ChildProcess silent = ChildProcess.Start("sh", "-c", $"exec 3<>'{fifo}'; echo open; read go");
        silent.Output.WaitForLine(line => line == "open", "the writer");
        if (!IsBlocking)
        {
            await foreach (FileContent content in Engine.ReadManyAsync([fifo, file]))
            {
                Assert.True(content.Path == file || content.Error is IOException);
                break;
            }

            Eventually.True(() => Descriptors.Count(fifo) == 0, "the FIFO to be closed");
        }
    }

    [Fact]
    public async Task Fifos_without_a_writer_hold_up_no_file_whose_name_is_not_known_yet()
    {
        // A path through a link of /proc is never opened at once, and the kernel has eight threads or so for such.
        string slow = $"/proc/self/root{_tree.Path}";
        string[] fifos = [.. Enumerable.Range(0, IsBlocking ? 0 : 12).Select(i => $"fifo {i}")];
        Assert.All(fifos, fifo => Assert.Equal(0, Libc.MakeFifo(_tree.At(fifo), 0x180)));
        Write("file", [1]);
        string[] paths = [.. fifos.Append("file").Select(name => $"{slow}/{name}")];
        await foreach (FileContent content in Engine.ReadManyAsync(paths))
        {
            Assert.Equal($"{slow}/file", content.Path);
            Assert.Equal([1], content.Bytes);
            break;
        }

        Eventually.True(() => fifos.All(fifo => Descriptors.Count(_tree.At(fifo)) == 0), "the FIFOs to be closed");
    }

    [Fact]
    public async Task No_paths_are_no_files_and_odd_paths_are_mistakes()
    {
        Assert.Empty(await Engine.ReadManyAsync([]).ToListAsync());
        await Assert.ThrowsAsync<ArgumentException>(async () => await Engine.ReadManyAsync([""]).ToListAsync());
        await Assert.ThrowsAsync<ArgumentException>(async () => await Engine.ReadManyAsync(["a\0b"]).ToListAsync());
        Assert.Throws<ArgumentNullException>(() => Engine.ReadManyAsync(null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReadManyOptions { InFlight = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReadManyOptions { MaxBytes = -1 });
    }

    [Fact]
    public async Task A_stream_of_many_files_can_be_left_and_cancelled()
    {
        string[] paths = [.. Enumerable.Range(0, 200).Select(i => Write($"file {i}", Pattern.Bytes(5000, i)))];
        int left = 0;
        await foreach (FileContent content in Engine.ReadManyAsync(paths))
        {
            Assert.Equal(5000, content.Bytes.Length);
            if (++left == 10)
            {
                break;
            }
        }

        Assert.Equal(10, left);
        using var cancellation = new CancellationTokenSource();
        OperationCanceledException told = await Assert.ThrowsAsync<OperationCanceledException>(async () =>
        {
            await foreach (FileContent content in Engine.ReadManyAsync(paths, null, cancellation.Token))
            {
                Assert.Null(content.Error);
                await cancellation.CancelAsync();
            }
        });
        Assert.Equal(cancellation.Token, told.CancellationToken);
    }

    [Fact]
    public async Task Paths_are_taken_a_few_ahead_and_may_come_late()
    {
        string path = Write("file", [1]);
        int given = 0, taken = 0;
        await foreach (FileContent content in Engine.ReadManyAsync(Paths(), new() { InFlight = 2 }))
        {
            Assert.Equal([1], content.Bytes);
            taken++;
            Assert.InRange(given - taken, 0, 4);
        }

        Assert.Equal(100, taken);

        IEnumerable<string> Paths()
        {
            for (; given < 100; given++)
            {
                yield return path;
            }
        }
    }
}
