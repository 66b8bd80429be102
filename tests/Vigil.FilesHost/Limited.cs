namespace Vigil.IO.Tests;

/// <summary>Writes more than there is room for, as whoever starts this has seen to.</summary>
internal static class Limited
{
    internal static async Task RunAsync(string folder, FileBackend backend, int bytes)
    {
        await using var engine = new FileEngine(new() { Backend = backend });
        string path = Path.Combine(folder, "file");
        foreach (WriteMode mode in Enum.GetValues<WriteMode>())
        {
            // What the mode before has left may fill all there is.
            File.Delete(path);
            await engine.WriteAllBytesAsync(path, "old"u8.ToArray(), WriteMode.Atomic);
            try
            {
                await engine.WriteAllBytesAsync(path, new byte[bytes], mode);
                Parts.Say($"wrong {mode}: nothing refused it");
            }
            catch (VigilException refused)
            {
                byte[] now = await engine.ReadAllBytesAsync(path, bytes);
                Parts.Say($"{mode} {refused.ErrnoName} {now.Length} {Directory.GetFiles(folder).Length}");
            }
        }
    }
}
