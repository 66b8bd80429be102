using Vigil.IO;

namespace Vigil.Compare.FilesPeer;

/// <summary>Thousands of small files, each read whole once.</summary>
internal static class ManyFiles
{
    private const int WarmFiles = 1000;

    public static async Task RunAsync(string peer, string folder, int files, int inFlight, bool drops)
    {
        string[] paths = [.. Enumerable.Range(0, files).Select(i => $"{folder}/{i / 1000:00}/{i:00000}")];
        for (int i = 0; i < 3; i++)
        {
            await Read(paths[..WarmFiles]);
        }

        if (drops)
        {
            Program.DropCaches();
        }

        Sample sample = new();
        (long count, long bytes, long sum) = await Read(paths);
        sample.Write(count, bytes, sum);

        Task<(long, long, long)> Read(string[] some) => peer switch
        {
            "vigil" => ByVigil(some, inFlight),
            "foreach" => Task.FromResult(ByThreads(some, inFlight)),
            _ => ByTasks(some, inFlight),
        };
    }

    private static async Task<(long, long, long)> ByVigil(string[] paths, int inFlight)
    {
        long count = 0, bytes = 0, sum = 0;
        await foreach (FileContent content in Files.ReadManyAsync(paths, new() { InFlight = inFlight }))
        {
            count++;
            bytes += content.Bytes.Length;
            sum += Sample.Sum(content.Bytes);
        }

        return (count, bytes, sum);
    }

    private static (long, long, long) ByThreads(string[] paths, int inFlight)
    {
        long count = 0, bytes = 0, sum = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = inFlight };
        Parallel.ForEach(paths, options, path =>
        {
            byte[] content = File.ReadAllBytes(path);
            Interlocked.Increment(ref count);
            Interlocked.Add(ref bytes, content.Length);
            Interlocked.Add(ref sum, Sample.Sum(content));
        });
        return (count, bytes, sum);
    }

    private static async Task<(long, long, long)> ByTasks(string[] paths, int inFlight)
    {
        long count = 0, bytes = 0, sum = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = inFlight };
        await Parallel.ForEachAsync(paths, options, async (path, token) =>
        {
            byte[] content = await File.ReadAllBytesAsync(path, token);
            Interlocked.Increment(ref count);
            Interlocked.Add(ref bytes, content.Length);
            Interlocked.Add(ref sum, Sample.Sum(content));
        });
        return (count, bytes, sum);
    }
}
