using Microsoft.Win32.SafeHandles;

namespace Vigil.IO.Tests;

/// <summary>What completes at once costs no memory but its result.</summary>
[Collection(nameof(Alone))]
public sealed class AllocationTests : IDisposable
{
    private const int Repetitions = 5;
    private const int Count = 20_000;
    private const int ArrayHead = 24;

    private readonly TempTree _tree = new();
    private readonly byte[] _buffer = new byte[4096];

    public void Dispose()
    {
        _tree.Dispose();
    }

    [Fact]
    public void To_read_what_is_in_the_page_cache()
    {
        using SafeFileHandle file = Open(_tree, FileAccess.Read);
        Memory<byte>[] two = [_buffer.AsMemory(0, 100), _buffer.AsMemory(100)];
        ExpectEach(0, () =>
        {
            ValueTask<int> read = Files.ReadAsync(file, _buffer, 0);
            return read.IsCompletedSuccessfully && read.Result == 4096;
        });
        ExpectEach(0, () =>
        {
            ValueTask<long> read = Files.ReadAsync(file, two, 0);
            return read.IsCompletedSuccessfully && read.Result == 4096;
        });
        ExpectEach(0, () =>
        {
            ValueTask<int> end = Files.ReadAsync(file, _buffer, 4096);
            return end.IsCompletedSuccessfully && end.Result == 0;
        });
    }

    [Fact]
    public void To_read_a_whole_file_but_for_the_array()
    {
        Open(_tree, FileAccess.Read).Dispose();
        string path = _tree.At("file");
        ExpectEach(4096 + ArrayHead, () =>
        {
            ValueTask<byte[]> read = Files.ReadAllBytesAsync(path, 4096);
            return read.IsCompletedSuccessfully && read.Result.Length == 4096;
        });
    }

    [Fact]
    public async Task To_read_in_a_ring_when_an_operation_was_there_before()
    {
        await using var engine = new FileEngine(new() { Backend = FileBackend.IoUring });
        using SafeFileHandle file = Open(_tree, FileAccess.Read);
        for (int i = 0; i < 1000; i++)
        {
            await engine.ReadAsync(file, _buffer, 0);
        }

        // All threads of the process: the operation, its task and its way to the pool are there already.
        long least = long.MaxValue;
        for (int repetition = 0; repetition < Repetitions; repetition++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < Count; i++)
            {
                await engine.ReadAsync(file, _buffer, 0);
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.InRange(least, 0, Count);
    }

    private SafeFileHandle Open(TempTree tree, FileAccess access)
    {
        File.WriteAllBytes(tree.At("file"), new byte[4096]);
        return File.OpenHandle(tree.At("file"), FileMode.Open, access);
    }

    // The runtime takes a few bytes of its own in a thread when it compiles what runs there once more, at some time,
    // and another process may put something out of the cache: what an operation costs would be there each time.
    private static void ExpectEach(long bytes, Func<bool> isAtOnce)
    {
        long least = long.MaxValue;
        for (int repetition = 0; repetition < Repetitions; repetition++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            int atOnce = 0;
            for (int i = 0; i < Count; i++)
            {
                atOnce += isAtOnce() ? 1 : 0;
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            least = atOnce == Count ? Math.Min(least, allocated) : least;
        }

        Assert.Equal(bytes * Count, least);
    }
}
