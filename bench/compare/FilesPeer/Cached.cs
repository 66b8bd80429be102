using Microsoft.Win32.SafeHandles;
using Vigil.IO;

namespace Vigil.Compare.FilesPeer;

/// <summary>What is in the page cache: 4 KiB of an open file, and a whole file.</summary>
internal static class Cached
{
    private const int Bytes = 4096;

    public static async Task ReadAsync(string peer, string path, int count)
    {
        using SafeFileHandle file = File.OpenHandle(path);
        byte[] buffer = new byte[Bytes];
        long blocks = RandomAccess.GetLength(file) / Bytes;
        await Rounds(count / 4);
        Sample sample = new();
        (long bytes, long sum) = await Rounds(count);
        sample.Write(count, bytes, sum);

        async Task<(long, long)> Rounds(int rounds)
        {
            long bytes = 0, sum = 0;
            for (int i = 0; i < rounds; i++)
            {
                long offset = i % blocks * Bytes;
                int n = peer switch
                {
                    "vigil" => await Files.ReadAsync(file, buffer, offset),
                    "async" => await RandomAccess.ReadAsync(file, buffer, offset),
                    _ => RandomAccess.Read(file, buffer, offset),
                };
                bytes += n;
                sum += buffer[0] + buffer[n - 1];
            }

            return (bytes, sum);
        }
    }

    public static async Task WholeAsync(string peer, string path, int count)
    {
        await Rounds(count / 4);
        Sample sample = new();
        (long bytes, long sum) = await Rounds(count);
        sample.Write(count, bytes, sum);

        async Task<(long, long)> Rounds(int rounds)
        {
            long bytes = 0, sum = 0;
            for (int i = 0; i < rounds; i++)
            {
                byte[] content = peer switch
                {
                    "vigil" => await Files.ReadAllBytesAsync(path, 1 << 20),
                    "async" => await File.ReadAllBytesAsync(path),
                    _ => File.ReadAllBytes(path),
                };
                bytes += content.Length;
                sum += content[0] + content[^1];
            }

            return (bytes, sum);
        }
    }
}
