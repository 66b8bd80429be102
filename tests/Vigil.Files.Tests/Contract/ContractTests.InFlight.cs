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
        int cancelled = 0, whole = 0;
        for (int round = 0; round < 3; round++)
        {
            Blocks.Forget(file);
            using var cancellation = new CancellationTokenSource();
            int when = random.Next(Count);
            List<Task> reads = [];
            for (int i = 0; i < Count; i++)
            {
                reads.Add(i % 20 == 0 && !IsBlocking ? ReadPipe(cancellation.Token) : ReadBlock(i, cancellation.Token));
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
        Assert.Equal(freed.Count, cancelled + whole);
        Assert.True(whole > 0 || cancelled > 0);

        async Task ReadBlock(int number, CancellationToken token)
        {
            byte[] buffer = new byte[Blocks.Bytes];
            try
            {
                Assert.Equal(Blocks.Bytes, await Engine.ReadAsync(file, buffer, (long)number * Blocks.Bytes, token));
                Assert.True(Blocks.Is(buffer, number), $"block {number}");
                Interlocked.Increment(ref whole);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref cancelled);
            }

            Free(buffer);
        }

        async Task ReadPipe(CancellationToken token)
        {
            byte[] buffer = new byte[100];
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                async () => await Engine.ReadAsync(pipe.Output, buffer, 0, token));
            Interlocked.Increment(ref cancelled);
            Free(buffer);
        }

        void Free(byte[] buffer)
        {
            buffer.AsSpan().Fill(0xEE);
            freed.Add(buffer);
        }
    });

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
    [InlineData(FileAccess.Read, FileAccess.Write)]
    [InlineData(FileAccess.Write, FileAccess.Read)]
    public async Task Both_ends_of_many_fifos_are_opened_by_one_engine(FileAccess first, FileAccess second)
    {
        // Each holds a thread of the pool where it makes the caller wait.
        int count = IsBlocking ? 2 : 24;
        string[] paths = [.. Enumerable.Range(0, count).Select(i => _tree.At($"fifo {i}"))];
        Assert.All(paths, path => Assert.Equal(0, Libc.MakeFifo(path, 0x180)));
        Task<SafeFileHandle>[] one = [.. paths.Select(path => Begin(() => Engine.OpenAsync(path, FileMode.Open, first)))];

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
}
