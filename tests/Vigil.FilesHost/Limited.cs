namespace Vigil.IO.Tests;

/// <summary>Writes more than RLIMIT_FSIZE allows, which whoever starts this has set to 64 KiB.</summary>
internal static class Limited
{
    internal static async Task RunAsync(string folder, FileBackend backend)
    {
        await using var engine = new FileEngine(new() { Backend = backend });
        string path = Path.Combine(folder, "file");
        foreach (WriteMode mode in Enum.GetValues<WriteMode>())
        {
            await engine.WriteAllBytesAsync(path, "old"u8.ToArray(), WriteMode.Atomic);
            try
            {
                await engine.WriteAllBytesAsync(path, new byte[100_000], mode);
                Parts.Say($"wrong {mode}: nothing refused it");
            }
            catch (VigilException refused)
            {
                byte[] now = await engine.ReadAllBytesAsync(path, 100_000);
                Parts.Say($"{mode} {refused.ErrnoName} {now.Length} {Directory.GetFiles(folder).Length}");
            }
        }
    }
}
