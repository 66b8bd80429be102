namespace Vigil.IO.Tests;

/// <summary>
/// A process whose pool has one thread (the caller has seen to one processor), and in which that thread waits.
/// </summary>
internal static class Starved
{
    private const int Waiting = 50;

    /// <summary>Reads of pipes that wait keep nobody from anything, and can be given up.</summary>
    internal static async Task WaitAsync(string folder, FileBackend backend)
    {
        OneThread();
        await using var engine = new FileEngine(new() { Backend = backend });
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.In);
        using var handle = new Microsoft.Win32.SafeHandles.SafeFileHandle(
            pipe.SafePipeHandle.DangerousGetHandle(), ownsHandle: false);
        using var cancellation = new CancellationTokenSource();
        Task<int>[] reads = [.. Enumerable.Range(0, Waiting)
            .Select(_ => engine.ReadAsync(handle, new byte[1], 0, cancellation.Token).AsTask())];
        string path = Path.Combine(folder, "file");
        await engine.WriteAllBytesAsync(path, new byte[10]);
        Parts.Say($"read {(await engine.ReadAllBytesAsync(path, 10)).Length}");
        await cancellation.CancelAsync();
        int ended = 0;
        foreach (Task<int> read in reads)
        {
            try
            {
                Parts.Say($"wrong {await read}");
            }
            catch (OperationCanceledException)
            {
                ended++;
            }
        }

        Parts.Say($"ended {ended}");
    }

    /// <summary>Continuations that wait, as they should not, for the next read: all threads of the pool do.</summary>
    internal static async Task NestAsync(string folder)
    {
        OneThread();
        await using var engine = new FileEngine(new() { Backend = FileBackend.IoUring });
        string path = Path.Combine(folder, "file");
        File.WriteAllBytes(path, new byte[100]);
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path);
        int[] sums = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Nest()));
        Parts.Say($"sum {sums.Sum()}");

        async Task<int> Nest()
        {
            int sum = await engine.ReadAsync(file, new byte[100], 0).ConfigureAwait(false);
            for (int i = 0; i < 5; i++)
            {
                sum += engine.ReadAsync(file, new byte[100], 0).AsTask().GetAwaiter().GetResult();
            }

            return sum;
        }
    }

    private static void OneThread()
    {
        if (!ThreadPool.SetMinThreads(1, 1) || !ThreadPool.SetMaxThreads(1, 1))
        {
            throw new InvalidOperationException("the pool keeps more than one thread");
        }
    }
}
