using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace Vigil.IO.Tests.Contract;

/// <content>Many operations at a time, and those that are given up.</content>
public abstract partial class ContractTests
{
    private const int InFlight = 10_000;

    [Fact]
    public async Task Ten_thousand_reads_of_what_is_not_there_yet_end_when_it_comes()
    {
        using var pipe = new Pipe();
        byte[] sent = Pattern.Bytes(InFlight);
        byte[] got = new byte[InFlight];
        if (IsBlocking)
        {
            pipe.Write(sent);
        }

        Task<int>[] reads = [.. Enumerable.Range(0, InFlight)
            .Select(i => Engine.ReadAsync(pipe.Output, got.AsMemory(i, 1), 0).AsTask())];
        if (!IsBlocking)
        {
            Assert.DoesNotContain(reads, read => read.IsCompleted);
            pipe.Write(sent);
        }

        Assert.All(await Task.WhenAll(reads), count => Assert.Equal(1, count));
        Assert.Equal(sent.Order(), got.Order());
    }

    [Fact]
    public async Task Ten_thousand_reads_of_a_cold_file_are_right()
    {
        string path = _tree.At("blocks");
        Blocks.Write(path, InFlight);
        using SafeFileHandle file = await Engine.OpenAsync(path, FileMode.Open, FileAccess.Read);
        Blocks.Forget(file);
        byte[] read = new byte[InFlight * Blocks.Bytes];
        int[] order = [.. Enumerable.Range(0, InFlight)];
        new Random(1).Shuffle(order);
        int[] counts = await Task.WhenAll(order.Select(i =>
            Engine.ReadAsync(file, read.AsMemory(i * Blocks.Bytes, Blocks.Bytes), (long)i * Blocks.Bytes).AsTask()));
        Assert.All(counts, count => Assert.Equal(Blocks.Bytes, count));
        Assert.All(order, i => Assert.True(Blocks.Is(read.AsSpan(i * Blocks.Bytes, Blocks.Bytes), i), $"block {i}"));
    }

    [Fact]
    public async Task A_read_of_a_pipe_that_is_given_up_takes_nothing_out_of_it()
    {
        using var pipe = new Pipe();
        byte[] buffer = new byte[8];
        for (int i = 0; i < 20; i++)
        {
            using var cancellation = new CancellationTokenSource();
            Task<int> read = Begin(() => Engine.ReadAsync(pipe.Output, buffer, 0, cancellation.Token));
            await cancellation.CancelAsync();
            OperationCanceledException told = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
            Assert.Equal(cancellation.Token, told.CancellationToken);

            // The memory is ours again: what comes now goes to the next read, and not to it.
            buffer.AsSpan().Fill((byte)i);
            byte[] next = new byte[3];
            pipe.Write("abc"u8);
            Assert.Equal(3, await Engine.ReadAsync(pipe.Output, next, 0));
            Assert.Equal("abc"u8, next);
            Assert.False(buffer.AsSpan().ContainsAnyExcept((byte)i));
        }
    }

    [Fact]
    public Task A_storm_of_cancellations_leaves_every_memory_alone() => Seed.RunAsync(async random =>
    {
        const int Count = 2000;
        string path = _tree.At("blocks");
        Blocks.Write(path, Count);
        using SafeFileHandle file = await Engine.OpenAsync(path, FileMode.Open, FileAccess.Read);
        using var pipe = new Pipe();
        var freed = new ConcurrentBag<byte[]>();
        int pipes = 0;
        for (int round = 0; round < 3; round++)
        {
            Blocks.Forget(file);
            using var cancellation = new CancellationTokenSource();
            int when = random.Next(Count);
            List<Task> reads = [];
            for (int i = 0; i < Count; i++)
            {
                reads.Add(Read(i, cancellation.Token));
                if (i == when)
                {
                    _ = Task.Run(cancellation.Cancel);
                }
            }

            await cancellation.CancelAsync();
            await Task.WhenAll(reads);
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        }

        // Whatever the kernel still wrote after a task had ended, it would have written over these.
        Assert.All(freed, buffer => Assert.False(buffer.AsSpan().ContainsAnyExcept((byte)0xEE)));
        Assert.Equal(3 * Count, freed.Count);
        Assert.Equal(IsBlocking ? 0 : 3 * Count / 20, pipes);

        // Nothing went into them that was in the pipe later: who had asked for it was told that it was given up.
        pipe.Write(Pattern.Bytes(pipes * 100));
        byte[] rest = new byte[(pipes * 100) + 1];
        Assert.Equal(pipes * 100, pipes == 0 ? 0 : await Engine.ReadAsync(pipe.Output, rest, 0));
        Assert.All(freed, buffer => Assert.False(buffer.AsSpan().ContainsAnyExcept((byte)0xEE)));

        Task Read(int i, CancellationToken token) => i % 20 == 0 && !IsBlocking ? ReadPipe(token) : ReadBlock(i, token);

        async Task ReadBlock(int number, CancellationToken token)
        {
            byte[] buffer = new byte[Blocks.Bytes];
            try
            {
                Assert.Equal(Blocks.Bytes, await Engine.ReadAsync(file, buffer, (long)number * Blocks.Bytes, token));
                Assert.True(Blocks.Is(buffer, number), $"block {number}");
            }
            catch (OperationCanceledException)
            {
                // Given up in time.
            }

            Free(buffer, freed);
        }

        async Task ReadPipe(CancellationToken token)
        {
            byte[] buffer = new byte[100];
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                async () => await Engine.ReadAsync(pipe.Output, buffer, 0, token));
            Interlocked.Increment(ref pipes);
            Free(buffer, freed);
        }
    });

    private static void Free(byte[] buffer, ConcurrentBag<byte[]> freed)
    {
        buffer.AsSpan().Fill(0xEE);
        freed.Add(buffer);
    }

    [Fact]
    public async Task Waiting_for_the_writer_of_a_fifo_can_be_given_up()
    {
        string path = _tree.At("fifo");
        Assert.Equal(0, Libc.MakeFifo(path, 0x180));
        int before = Descriptors.Count(path);
        using var cancellation = new CancellationTokenSource();
        Task<SafeFileHandle> open = Begin(
            () => Engine.OpenAsync(path, FileMode.Open, FileAccess.Read, cancellation.Token));
        Task<byte[]> read = Begin(() => Engine.ReadAllBytesAsync(path, 100, cancellation.Token));
        Assert.False(open.IsCompleted || read.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => open.WaitAsync(Eventually.DefaultTimeout));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(Eventually.DefaultTimeout));
        Eventually.True(() => Descriptors.Count(path) == before, "the FIFO to be closed");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_write_into_a_full_pipe_can_be_given_up(bool hasName)
    {
        using Pipe pipe = hasName ? await NamedPipeAsync() : new Pipe();
        byte[] more = new byte[1 << 20];
        using var cancellation = new CancellationTokenSource();
        Task[] writes = [.. Enumerable.Range(0, IsBlocking ? 2 : 10).Select(_ => Begin(() =>
            Engine.WriteAsync(pipe.Input, more, 0, cancellation.Token)))];
        await Eventually.TrueAsync(() => pipe.Count == 1 << 16, "the pipe to be full");
        Assert.DoesNotContain(writes, write => write.IsCompleted);
        byte[] file = await Engine.ReadAllBytesAsync(Write("file", [1]), 1).AsTask()
            .WaitAsync(Eventually.DefaultTimeout);
        Assert.Equal([1], file);
        await cancellation.CancelAsync();
        foreach (Task write in writes)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write.WaitAsync(Eventually.DefaultTimeout));
        }
    }

    // All of them see that there is something, or room for it, and one of them has it.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_is_beaten_to_the_bytes_of_a_pipe_can_still_be_given_up(bool hasName)
    {
        using Pipe pipe = hasName ? await NamedPipeAsync() : new Pipe();
        for (int i = 0; i < 300; i++)
        {
            using var cancellation = new CancellationTokenSource();
            List<Task<int>> reads = [.. Enumerable.Range(0, 2).Select(_ => Begin(() =>
                Engine.ReadAsync(pipe.Output, new byte[1], 0, cancellation.Token)))];
            pipe.Write([1]);
            Task<int> first = await Task.WhenAny(reads).WaitAsync(Eventually.DefaultTimeout);
            Assert.Equal(1, await first);
            reads.Remove(first);
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => reads[0].WaitAsync(Eventually.DefaultTimeout));
        }
    }

    [Fact]
    public async Task The_wrong_end_of_a_pipe_is_refused()
    {
        using var pipe = new Pipe();
        byte[] many = new byte[1 << 20];
        VigilException read = await Assert.ThrowsAsync<VigilException>(
            () => Engine.ReadAsync(pipe.Input, many, 0).AsTask().WaitAsync(Eventually.DefaultTimeout));
        VigilException write = await Assert.ThrowsAsync<VigilException>(
            () => Engine.WriteAsync(pipe.Output, many, 0).AsTask().WaitAsync(Eventually.DefaultTimeout));
        Assert.All([read, write], refusal => Assert.Contains("EBADF", refusal.Message));
    }

    [Fact]
    public async Task A_fifo_that_would_be_made_waits_for_its_writer_and_can_be_given_up()
    {
        string path = _tree.At("fifo");
        Assert.Equal(0, Libc.MakeFifo(path, 0x180));
        using var cancellation = new CancellationTokenSource();
        Task<SafeFileHandle> open = Begin(
            () => Engine.OpenAsync(path, FileMode.OpenOrCreate, FileAccess.Read, cancellation.Token));
        Assert.Equal([1], await Engine.ReadAllBytesAsync(Write("file", [1]), 1));
        Assert.False(open.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => open.WaitAsync(Eventually.DefaultTimeout));
    }

    // A FIFO whose ends are both one that is open for both.
    private async Task<Pipe> NamedPipeAsync()
    {
        string path = _tree.At("named");
        Assert.Equal(0, Libc.MakeFifo(path, 0x180));
        return new Pipe(await Engine.OpenAsync(path, FileMode.Open, FileAccess.ReadWrite));
    }

    [Theory]
    [InlineData(FileAccess.Read, FileAccess.Write)]
    [InlineData(FileAccess.Write, FileAccess.Read)]
    public async Task Both_ends_of_many_fifos_are_opened_by_one_engine(FileAccess first, FileAccess second)
    {
        // Each holds a thread of the pool where it makes the caller wait.
        int count = IsBlocking ? 2 : 24;
        string[] paths = [.. Enumerable.Range(0, count).Select(i => _tree.At($"fifo {i}"))];
        Assert.All(paths, path => Assert.Equal(0, Libc.MakeFifo(path, 0x180)));
        Task<SafeFileHandle>[] one =
            [.. paths.Select(path => Begin(() => Engine.OpenAsync(path, FileMode.Open, first)))];

        // They wait, and hold up nothing.
        string file = Write("file", [1, 2, 3]);
        Assert.Equal([1, 2, 3], await Engine.ReadAllBytesAsync(file, 3).AsTask().WaitAsync(Eventually.DefaultTimeout));
        Assert.DoesNotContain(one, open => open.IsCompleted);
        Task<SafeFileHandle>[] other =
            [.. paths.Select(path => Begin(() => Engine.OpenAsync(path, FileMode.Open, second)))];

        // Both are open before anything is written.
        SafeFileHandle[] opened = await Task.WhenAll([.. one, .. other]).WaitAsync(Eventually.DefaultTimeout);
        for (int i = 0; i < count; i++)
        {
            (SafeFileHandle input, SafeFileHandle output) = first == FileAccess.Write
                ? (opened[i], opened[count + i]) : (opened[count + i], opened[i]);
            await Engine.WriteAsync(input, new byte[] { (byte)i }, 0);
            byte[] read = new byte[1];
            Assert.Equal(1, await Engine.ReadAsync(output, read, 0).AsTask().WaitAsync(Eventually.DefaultTimeout));
            Assert.Equal(i, read[0]);
        }

        Assert.All(opened, handle => handle.Dispose());
    }

    [Fact]
    public async Task A_fifo_whose_writer_came_and_went_is_open()
    {
        string path = _tree.At("fifo");
        Assert.Equal(0, Libc.MakeFifo(path, 0x180));
        Task<SafeFileHandle> open = Begin(() => Engine.OpenAsync(path, FileMode.Open, FileAccess.Read));
        ChildProcess.Shell($"exec 3>'{path}'");
        using SafeFileHandle fifo = await open.WaitAsync(Eventually.DefaultTimeout);
        Assert.Equal(0, await Engine.ReadAsync(fifo, new byte[1], 0));
    }

    [Theory]
    [InlineData(FileAccess.Read)]
    [InlineData(FileAccess.Write)]
    public async Task Waiting_for_the_other_end_of_a_fifo_can_be_given_up(FileAccess access)
    {
        string path = _tree.At("fifo");
        Assert.Equal(0, Libc.MakeFifo(path, 0x180));
        using var cancellation = new CancellationTokenSource();
        Task<SafeFileHandle>[] opens = [.. Enumerable.Range(0, IsBlocking ? 2 : 20).Select(_ =>
            Begin(() => Engine.OpenAsync(path, FileMode.Open, access, cancellation.Token)))];
        Assert.DoesNotContain(opens, open => open.IsCompleted);
        await cancellation.CancelAsync();
        foreach (Task<SafeFileHandle> open in opens)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => open.WaitAsync(Eventually.DefaultTimeout));
        }

        Eventually.True(() => Descriptors.Count(path) == 0, "the FIFO to be closed");
    }

    [Fact]
    public async Task Disposing_ends_what_is_under_way()
    {
        string path = _tree.At("blocks");
        Blocks.Write(path, 500);
        using SafeFileHandle file = await Engine.OpenAsync(path, FileMode.Open, FileAccess.Read);
        Blocks.Forget(file);
        using var pipe = new Pipe();
        List<Task<int>> waiting = [];
        for (int i = 0; i < (IsBlocking ? 2 : 50); i++)
        {
            waiting.Add(Begin(() => Engine.ReadAsync(pipe.Output, new byte[10], 0)));
        }

        byte[][] buffers = [.. Enumerable.Range(0, 500).Select(_ => new byte[Blocks.Bytes])];
        Task<int>[] reading = [.. buffers.Select((buffer, i) =>
            Engine.ReadAsync(file, buffer, (long)i * Blocks.Bytes).AsTask())];
        await Engine.DisposeAsync().AsTask().WaitAsync(Eventually.DefaultTimeout);
        for (int i = 0; i < reading.Length; i++)
        {
            if (await Ends(reading[i]))
            {
                Assert.True(Blocks.Is(buffers[i], i), $"block {i}");
            }
        }

        foreach (Task<int> read in waiting)
        {
            Assert.False(await Ends(read));
        }

        await Engine.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Engine.FlushAsync(file));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Engine.ReadAsync(file, new byte[1], 0));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Engine.ReadAllBytesAsync(path, 1 << 22));
        await Assert.ThrowsAsync<ObjectDisposedException>(
            async () => await Engine.OpenAsync(path, FileMode.Open, FileAccess.Read));
        await Assert.ThrowsAsync<ObjectDisposedException>(
            async () => await Engine.WriteAllBytesAsync(_tree.At("late"), new byte[1]));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Engine.ReadManyAsync([path]).ToListAsync());

        // Over when the engine is, with all there is or with the word that it was disposed.
        static async Task<bool> Ends(Task<int> read)
        {
            try
            {
                await read.WaitAsync(Eventually.DefaultTimeout);
                return true;
            }
            catch (ObjectDisposedException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task Disposing_ends_what_several_threads_have_begun()
    {
        const int Kinds = 6;
        string fifo = _tree.At("fifo"), silent = _tree.At("silent");
        Assert.Equal(0, Libc.MakeFifo(fifo, 0x180));
        Assert.Equal(0, Libc.MakeFifo(silent, 0x180));
        string[] many = [.. Enumerable.Range(0, 50).Select(i => Write($"many {i}", [1, 2, 3]))];
        using Pipe empty = new(), full = new();
        var begun = new ConcurrentBag<Task>();
        int count = IsBlocking ? 1 : 4;
        Thread[] threads = [.. Enumerable.Range(0, count * Kinds).Select(i => new Thread(() => BeginKind(i)))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        await Eventually.TrueAsync(() => full.Count == 1 << 16, "the pipe to be full");
        await Engine.DisposeAsync().AsTask().WaitAsync(Eventually.DefaultTimeout);
        string[] then = Directory.GetFileSystemEntries(_tree.Path);
        int ended = 0;
        foreach (Task task in begun)
        {
            try
            {
                await task.WaitAsync(Eventually.DefaultTimeout);
            }
            catch (ObjectDisposedException)
            {
                ended++;
            }
        }

        // What waits for nobody may be done or given up; what waits for somebody is given up.
        Assert.Equal(count * Kinds, begun.Count);
        Assert.InRange(ended, count * (Kinds - 2), count * Kinds);
        Assert.DoesNotContain(then, path => Path.GetFileName(path).StartsWith(".vigil-", StringComparison.Ordinal));
        Assert.Equal(then.Order(), Directory.GetFileSystemEntries(_tree.Path).Order());
        Assert.All(Directory.GetFiles(_tree.Path, "atomic*"), path => Assert.Equal(9, new FileInfo(path).Length));
        Eventually.True(() => Descriptors.Count(fifo) + Descriptors.Count(silent) == 0, "the FIFOs to be closed");

        void BeginKind(int i) => begun.Add((i % Kinds) switch
        {
            0 => Begin(() => Engine.OpenAsync(fifo, FileMode.Open, FileAccess.Read)),
            1 => Begin(() => Engine.OpenAsync(silent, FileMode.Open, FileAccess.Write)),
            2 => Begin(() => Engine.ReadAsync(empty.Output, new byte[10], 0)),
            3 => Begin(() => Engine.WriteAsync(full.Input, new byte[1 << 20], 0)),
            4 => Begin(() => Engine.WriteAllBytesAsync(_tree.At($"atomic {i}"), new byte[9], WriteMode.Atomic)),
            _ => Task.Run(async () => await Engine.ReadManyAsync(many, new() { InFlight = 2 }).CountAsync()),
        });
    }

    [Fact]
    public async Task Disposing_waits_for_the_last_step_of_whole_files()
    {
        Task[] writes = [.. Enumerable.Range(0, 100).Select(i => Task.Run(async () =>
            await Engine.WriteAllBytesAsync(_tree.At($"file {i}"), new byte[1000], WriteMode.Atomic)))];
        await writes[0];
        await Engine.DisposeAsync();
        string[] then = Directory.GetFileSystemEntries(_tree.Path);
        foreach (Task write in writes)
        {
            try
            {
                await write;
            }
            catch (ObjectDisposedException)
            {
                // It came too late, or was given up: nothing of it is there.
            }
        }

        Assert.Equal(then.Order(), Directory.GetFileSystemEntries(_tree.Path).Order());
        Assert.All(then, path => Assert.Equal(1000, new FileInfo(path).Length));
    }

    // What makes the caller wait is begun by another thread.
    private Task<T> Begin<T>(Func<ValueTask<T>> begin) =>
        IsBlocking ? Task.Run(async () => await begin()) : begin().AsTask();

    private Task Begin(Func<ValueTask> begin) =>
        IsBlocking ? Task.Run(async () => await begin()) : begin().AsTask();
}
