using Microsoft.Win32.SafeHandles;
using Vigil.IO;

namespace Vigil.Compare.FilesPeer;

/// <summary>Blocks of 4 KiB all over a large file, each once, so many at a time.</summary>
internal static class RandomReads
{
    private const int Bytes = 4096;

    public static async Task RunAsync(string peer, string path, int reads, int depth, bool drops)
    {
        // Told that the order is random, so that the kernel reads no more than is asked for.
        using SafeFileHandle file = File.OpenHandle(path, options: FileOptions.RandomAccess);
        int[] order = new int[(int)(RandomAccess.GetLength(file) / Bytes)];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        new Random(1).Shuffle(order);
        await Read(order[^Math.Min(20_000, order.Length / 4)..]);
        if (drops)
        {
            Program.DropCaches();
        }

        Sample sample = new();
        (long count, long sum) = await Read(order[..reads]);
        sample.Write(count, count * Bytes, sum);

        Task<(long, long)> Read(int[] blocks) =>
            peer == "vigil" ? ByTasks(file, blocks, depth) : Task.FromResult(ByThreads(file, blocks, depth));
    }

    private static async Task<(long, long)> ByTasks(SafeFileHandle file, int[] blocks, int depth)
    {
        int next = -1;
        (long Count, long Sum)[] parts = await Task.WhenAll(Enumerable.Range(0, depth).Select(_ => Loop()));
        return (parts.Sum(part => part.Count), parts.Sum(part => part.Sum));

        async Task<(long, long)> Loop()
        {
            byte[] buffer = GC.AllocateUninitializedArray<byte>(Bytes, pinned: true);
            long count = 0, sum = 0;
            for (int i; (i = Interlocked.Increment(ref next)) < blocks.Length;)
            {
                int n = await Files.ReadAsync(file, buffer, (long)blocks[i] * Bytes).ConfigureAwait(false);
                count += n == Bytes ? 1 : 0;
                sum += buffer[0] + buffer[^1];
            }

            return (count, sum);
        }
    }

    private static (long, long) ByThreads(SafeFileHandle file, int[] blocks, int depth)
    {
        int next = -1;
        long count = 0, sum = 0;
        Thread[] threads = [.. Enumerable.Range(0, depth).Select(_ => new Thread(Loop))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        return (count, sum);

        void Loop()
        {
            byte[] buffer = new byte[Bytes];
            long ownCount = 0, ownSum = 0;
            for (int i; (i = Interlocked.Increment(ref next)) < blocks.Length;)
            {
                ownCount += RandomAccess.Read(file, buffer, (long)blocks[i] * Bytes) == Bytes ? 1 : 0;
                ownSum += buffer[0] + buffer[^1];
            }

            Interlocked.Add(ref count, ownCount);
            Interlocked.Add(ref sum, ownSum);
        }
    }
}
