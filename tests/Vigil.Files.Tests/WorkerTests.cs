using Microsoft.Win32.SafeHandles;

namespace Vigil.IO.Tests;

/// <summary>Who is told of what has completed, and that nobody is held up by anybody.</summary>
[Collection(nameof(Alone))]
public sealed class WorkerTests : IDisposable
{
    private const string Processors = "DOTNET_PROCESSOR_COUNT";
    private const int Reads = 64;

    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData(FileBackend.Auto)]
    [InlineData(FileBackend.IoUring)]
    [InlineData(FileBackend.Threads)]
    public void With_one_thread_in_the_pool_reads_that_wait_keep_nobody_from_anything(FileBackend backend) =>
        Expect(["read 10", "ended 50"], "starved", _tree.Path, $"{backend}");

    [Fact]
    public void With_one_thread_in_the_pool_continuations_may_wait_for_the_next_read() =>
        Expect([$"sum {4 * 6 * 100}"], "nested", _tree.Path);

    [Fact]
    public async Task A_continuation_that_waits_holds_up_nobody_else()
    {
        await using var engine = new FileEngine(new() { Backend = FileBackend.IoUring });
        using SafeFileHandle file = File.OpenHandle(_tree.WriteFile("file", "text"));
        using var others = new CountdownEvent(Reads - 1);
        bool isFirst = true, isStarting = true;
        int starter = Environment.CurrentManagedThreadId;
        Task<bool>[] reads = [.. Enumerable.Range(0, Reads).Select(_ => Read())];
        Volatile.Write(ref isStarting, false);
        Assert.All(await Task.WhenAll(reads), Assert.True);

        // The first that is told waits for all others to be; but not one that was over before it was awaited, as that
        // goes on in the thread that is to start the others.
        async Task<bool> Read()
        {
            await engine.ReadAsync(file, new byte[4], 0).ConfigureAwait(false);
            bool isStarter = Volatile.Read(ref isStarting) && Environment.CurrentManagedThreadId == starter;
            if (!isStarter && Interlocked.Exchange(ref isFirst, false))
            {
                return others.Wait(Eventually.DefaultTimeout);
            }

            others.Signal();
            return true;
        }
    }

    [Fact]
    public async Task Continuations_that_compute_run_side_by_side()
    {
        await using var engine = new FileEngine(new() { Backend = FileBackend.IoUring });
        using SafeFileHandle file = File.OpenHandle(_tree.WriteFile("file", "text"));
        int running = 0, most = 0;
        for (int round = 0; round < 50 && Volatile.Read(ref most) < 2; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, Reads).Select(_ => Read()));
        }

        Assert.InRange(most, 2, Reads);

        async Task Read()
        {
            await engine.ReadAsync(file, new byte[4], 0).ConfigureAwait(false);
            int now = Interlocked.Increment(ref running);
            if (now > Volatile.Read(ref most))
            {
                Volatile.Write(ref most, now);
            }

            for (long begun = Environment.TickCount64; Environment.TickCount64 - begun < 5;)
            {
                Thread.SpinWait(100);
            }

            Interlocked.Decrement(ref running);
        }
    }

    [Theory]
    [InlineData(FileBackend.Auto)]
    [InlineData(FileBackend.IoUring)]
    public async Task What_a_thread_has_begun_outlives_it(FileBackend backend)
    {
        const int Count = 200;
        await using var engine = new FileEngine(new() { Backend = backend });
        string path = _tree.At("blocks");
        Blocks.Write(path, Count);
        using SafeFileHandle file = File.OpenHandle(path);
        for (int round = 0; round < 10; round++)
        {
            Blocks.Forget(file);
            using var pipe = new Pipe();
            byte[] read = new byte[Count * Blocks.Bytes], one = new byte[1];
            List<Task<int>> reads = [];
            var thread = new Thread(() =>
            {
                reads.Add(engine.ReadAsync(pipe.Output, one, 0).AsTask());
                reads.AddRange(Enumerable.Range(0, Count).Select(i => engine.ReadAsync(
                    file, read.AsMemory(i * Blocks.Bytes, Blocks.Bytes), (long)i * Blocks.Bytes).AsTask()));
            });
            thread.Start();
            thread.Join();
            pipe.Write([7]);
            int[] counts = await Task.WhenAll(reads);
            Assert.Equal(1 + (Count * Blocks.Bytes), counts.Sum());
            Assert.Equal(7, one[0]);
            Assert.All(Enumerable.Range(0, Count), i =>
                Assert.True(Blocks.Is(read.AsSpan(i * Blocks.Bytes, Blocks.Bytes), i), $"block {i}"));
        }
    }

    [Fact]
    public async Task What_one_continuation_leaves_in_the_thread_the_next_does_not_find()
    {
        await using var engine = new FileEngine(new() { Backend = FileBackend.IoUring });
        using SafeFileHandle file = File.OpenHandle(_tree.WriteFile("file", "text"));
        var local = new AsyncLocal<int>();
        using var told = new CountdownEvent(Reads);
        int found = 0;
        for (int i = 0; i < Reads; i++)
        {
            System.Runtime.CompilerServices.ValueTaskAwaiter<int> read =
                engine.ReadAsync(file, new byte[4], 0).GetAwaiter();
            read.UnsafeOnCompleted(() =>
            {
                read.GetResult();
                if (local.Value != 0 || SynchronizationContext.Current is not null)
                {
                    Interlocked.Increment(ref found);
                }

                local.Value = 1;
                SynchronizationContext.SetSynchronizationContext(new SynchronizationContext());
                told.Signal();
            });
        }

        Assert.True(told.Wait(Eventually.DefaultTimeout));
        Assert.Equal(0, found);
    }

    private static void Expect(string[] lines, params string[] words)
    {
        using ChildProcess host = HostProcess.StartWith(Processors, "1", words);
        Assert.True(host.WaitForExit() == 0, string.Join('\n', host.Output.Lines));
        Assert.Equal(lines, host.Output.Lines);
    }
}
