using Vigil.Platform;

namespace Vigil.IO.Tests.Contract;

/// <content>Whole files.</content>
public abstract partial class ContractTests
{
    public static TheoryData<WriteMode> Modes => [WriteMode.InPlace, WriteMode.Truncate, WriteMode.Atomic];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4096)]
    [InlineData(300_000)]
    public async Task As_many_bytes_as_allowed_are_read_and_one_more_is_told(int count)
    {
        byte[] content = Pattern.Bytes(count);
        string path = Write("file", content);
        Assert.Equal(content, await Engine.ReadAllBytesAsync(path, count));
        Assert.Equal(content, await Engine.ReadAllBytesAsync(path, int.MaxValue));
        FileTooLargeException told = await Assert.ThrowsAsync<FileTooLargeException>(
            async () => await Engine.ReadAllBytesAsync(path, count - 1));
        Assert.Equal((path, count - 1), (told.Path, told.MaxBytes));
    }

    [Fact]
    public async Task An_empty_file_is_read_and_written()
    {
        string path = Write("empty", []);
        Assert.Empty(await Engine.ReadAllBytesAsync(path, 0));
        Assert.Empty(await Engine.ReadAllBytesAsync(path, 10));
        foreach (WriteMode mode in Enum.GetValues<WriteMode>())
        {
            Write("empty", [1]);
            await Engine.WriteAllBytesAsync(path, default, mode);
            Assert.Empty(File.ReadAllBytes(path));
        }
    }

    [Fact]
    public async Task Files_of_proc_which_say_no_length_are_read_whole()
    {
        byte[] status = await Engine.ReadAllBytesAsync("/proc/self/status", 1 << 20);
        Assert.Contains($"\nPid:\t{Environment.ProcessId}\n", System.Text.Encoding.ASCII.GetString(status));

        // More than a page, in pieces: it has a line for every mapping, and does not change its beginning.
        string maps = System.Text.Encoding.ASCII.GetString(await Engine.ReadAllBytesAsync("/proc/self/maps", 1 << 24));
        Assert.True(maps.Length > 3 * 4096);
        Assert.EndsWith("\n", maps);
        Assert.Contains("[stack]", maps);
        await Assert.ThrowsAsync<FileTooLargeException>(
            async () => await Engine.ReadAllBytesAsync("/proc/self/status", status.Length / 2));
    }

    [Fact]
    public async Task What_is_not_there_or_is_a_directory_says_so()
    {
        VigilException refused = await Assert.ThrowsAsync<VigilException>(
            async () => await Engine.ReadAllBytesAsync(_tree.At("none"), 10));
        Assert.Equal((Failure.NotFound, _tree.At("none")), (refused.Failure, refused.Path));
        refused = await Assert.ThrowsAsync<VigilException>(
            async () => await Engine.ReadAllBytesAsync(_tree.Path, 10));
        Assert.Equal(("EISDIR", _tree.Path), (refused.ErrnoName, refused.Path));
        foreach (WriteMode mode in Enum.GetValues<WriteMode>())
        {
            refused = await Assert.ThrowsAsync<VigilException>(
                async () => await Engine.WriteAllBytesAsync(_tree.Path, new byte[1], mode));
            Assert.Equal("EISDIR", refused.ErrnoName);
            refused = await Assert.ThrowsAsync<VigilException>(
                async () => await Engine.WriteAllBytesAsync(_tree.At("none/file"), new byte[1], mode));
            Assert.Equal(Failure.NotFound, refused.Failure);
        }

        Assert.Empty(Directory.GetFileSystemEntries(_tree.Path));
    }

    [Fact]
    public async Task A_fifo_is_read_to_its_end_and_its_writer_is_waited_for()
    {
        string path = _tree.At("fifo");
        Assert.Equal(0, Libc.MakeFifo(path, 0x180));
        Task<byte[]> read = IsBlocking
            ? Task.Run(async () => await Engine.ReadAllBytesAsync(path, 100))
            : Engine.ReadAllBytesAsync(path, 100).AsTask();
        using ChildProcess writer = ChildProcess.Start(
            "sh", "-c", $"exec >'{path}'; printf one; read go; printf two", "-");
        writer.Input.WriteLine();
        writer.Input.Flush();
        Assert.Equal("onetwo"u8.ToArray(), await read.WaitAsync(Eventually.DefaultTimeout));
        Assert.Equal(0, writer.WaitForExit());
    }

    [Fact]
    public async Task A_writer_that_waits_at_a_fifo_writes_into_it()
    {
        string path = _tree.At("fifo");
        Assert.Equal(0, Libc.MakeFifo(path, 0x180));
        for (int i = 0; i < 20; i++)
        {
            using ChildProcess writer = ChildProcess.Start("sh", "-c", $"echo begun; echo {i} >'{path}'");
            writer.Output.WaitForLine(line => line == "begun", "the writer to begin");
            Assert.Equal($"{i}\n", System.Text.Encoding.ASCII.GetString(await Engine.ReadAllBytesAsync(path, 100)));
            Assert.Equal(0, writer.WaitForExit());
        }
    }

    [Fact]
    public async Task A_file_that_grows_is_read_as_far_as_it_was_at_some_moment()
    {
        const int Most = 4 << 20;
        const int Ahead = 50_000;
        int last = 0;
        byte[] whole = Pattern.Bytes(Most);
        string path = Write("growing", []);
        using var isSeen = new CancellationTokenSource();
        Task writing = Task.Run(() =>
        {
            using FileStream file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            for (int at = 0; at < Most && !isSeen.IsCancellationRequested; at += 5)
            {
                file.Write(whole, at, Math.Min(5, Most - at));
                while (at - Volatile.Read(ref last) > Ahead && !isSeen.IsCancellationRequested)
                {
                    Thread.Yield();
                }
            }
        });
        for (int grown = 0; grown < 20; grown++)
        {
            int before = last;
            while (last == before)
            {
                Assert.False(writing.IsCompleted, $"it was seen to grow {grown} times only");
                byte[] content = await Engine.ReadAllBytesAsync(path, Most);
                Assert.True(content.Length >= last, $"{content.Length} bytes after {last}");
                Assert.True(whole.AsSpan(0, content.Length).SequenceEqual(content));
                Volatile.Write(ref last, content.Length);
            }
        }

        await isSeen.CancelAsync();
        await writing;
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_file_has_what_was_written_and_nothing_else(WriteMode mode)
    {
        string path = _tree.At("file");
        foreach (int count in (int[])[0, 10, 5000, 4999, 100_000, 1, 0])
        {
            byte[] content = Pattern.Bytes(count, count);
            await Engine.WriteAllBytesAsync(path, content, mode);
            Assert.Equal(content, File.ReadAllBytes(path));
        }

        Assert.Single(Directory.GetFileSystemEntries(_tree.Path));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Permissions_are_for_a_file_that_is_made_and_kept_by_one_that_is_there(WriteMode mode)
    {
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        const UnixFileMode Odd = Private | UnixFileMode.GroupWrite | UnixFileMode.OtherExecute | UnixFileMode.SetUser;
        string path = _tree.At("file");
        await Engine.WriteAllBytesAsync(path, new byte[] { 1 }, mode, Private);
        Assert.Equal(Private, File.GetUnixFileMode(path));
        if (mode != WriteMode.Atomic)
        {
            return;
        }

        File.SetUnixFileMode(path, Odd);
        await Engine.WriteAllBytesAsync(path, new byte[] { 2 }, mode, Private);
        Assert.Equal(Odd, File.GetUnixFileMode(path));
        Assert.Equal([2], File.ReadAllBytes(path));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_link_stays_and_what_it_leads_to_is_written(WriteMode mode)
    {
        _tree.MakeDirectory("d");
        string target = Write("d/target", [1, 2, 3]);
        File.CreateSymbolicLink(_tree.At("link"), "d/relative");
        File.CreateSymbolicLink(_tree.At("d/relative"), target);
        File.CreateSymbolicLink(_tree.At("dangling"), "d/new");
        File.CreateSymbolicLink(_tree.At("loop"), "loop");
        await Engine.WriteAllBytesAsync(_tree.At("link"), new byte[] { 4 }, mode);
        await Engine.WriteAllBytesAsync(_tree.At("dangling"), new byte[] { 5 }, mode);
        Assert.Equal([4], File.ReadAllBytes(target));
        Assert.Equal([5], File.ReadAllBytes(_tree.At("d/new")));
        Assert.Equal("d/relative", new FileInfo(_tree.At("link")).LinkTarget);
        Assert.Equal(3, Directory.GetFileSystemEntries(_tree.At("d")).Length);
        VigilException refused = await Assert.ThrowsAsync<VigilException>(
            async () => await Engine.WriteAllBytesAsync(_tree.At("loop"), new byte[1], mode));
        Assert.Equal(Failure.SymlinkLoop, refused.Failure);
    }

    [Fact]
    public async Task Atomic_replaces_the_name_and_the_others_the_content()
    {
        string path = Write("file", [1, 2, 3]);
        await ChildProcessLinkAsync(path, _tree.At("other"));
        await Engine.WriteAllBytesAsync(path, new byte[] { 4 }, WriteMode.InPlace);
        Assert.Equal([4], File.ReadAllBytes(_tree.At("other")));
        await Engine.WriteAllBytesAsync(path, new byte[] { 5 }, WriteMode.Atomic);
        Assert.Equal(([5], [4]), (File.ReadAllBytes(path), File.ReadAllBytes(_tree.At("other"))), Same);
        Assert.Equal(0, Libc.MakeFifo(_tree.At("fifo"), 0x180));
        IOException refused = await Assert.ThrowsAsync<IOException>(
            async () => await Engine.WriteAllBytesAsync(_tree.At("fifo"), new byte[1], WriteMode.Atomic));
        Assert.Contains("no regular file", refused.Message);

        static bool Same((byte[], byte[]) a, (byte[], byte[]) b) =>
            a.Item1.SequenceEqual(b.Item1) && a.Item2.SequenceEqual(b.Item2);

        static Task ChildProcessLinkAsync(string from, string to)
        {
            ChildProcess.Shell($"ln '{from}' '{to}'");
            return Task.CompletedTask;
        }
    }
}
