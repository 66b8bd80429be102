using Vigil.IO;

namespace Vigil.Compare.FilesPeer;

/// <summary>A file of 4 KiB, written over whole, again and again; the last content is read and summed at the
/// end.</summary>
internal static class Overwriting
{
    public static async Task RunAsync(string peer, string path, int count)
    {
        byte[] content = new byte[4096];
        await Rounds(Math.Min(count / 4, 2000));
        Sample sample = new();
        await Rounds(count);
        byte[] written = File.ReadAllBytes(path);
        sample.Write(count, written.Length, Sample.Sum(written));

        async Task Rounds(int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                content.AsSpan().Fill((byte)(rounds - i));
                switch (peer)
                {
                    case "vigil":
                        await Files.WriteAllBytesAsync(path, content, WriteMode.InPlace);
                        break;
                    case "async":
                        await File.WriteAllBytesAsync(path, content);
                        break;
                    default:
                        File.WriteAllBytes(path, content);
                        break;
                }
            }
        }
    }
}
