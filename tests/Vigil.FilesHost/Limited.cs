namespace Vigil.IO.Tests;

/// <summary>Writes more than there is room for, as whoever starts this has seen to.</summary>
internal static class Limited
{
    private const int OldBytes = 64 << 10;

    internal static async Task RunAsync(string folder, FileBackend backend, int bytes)
    {
        await using var engine = new FileEngine(new() { Backend = backend });
        string path = Path.Combine(folder, "file");
        foreach (WriteMode mode in Enum.GetValues<WriteMode>())
        {
            // What the mode before has left may fill all there is. The kernel lets go of what a ring had open a moment
            // after it has said so, and of the room of what was deleted then.
            File.Delete(path);
            Eventually.True(() => new DriveInfo(folder).AvailableFreeSpace >= OldBytes, "the room of what was deleted");
            await engine.WriteAllBytesAsync(path, "old"u8.ToArray(), WriteMode.Atomic);
            try
            {
                await engine.WriteAllBytesAsync(path, new byte[bytes], mode);
                Parts.Say($"wrong {mode}: nothing refused it");
            }
            catch (VigilException refused)
            {
                byte[] now = await engine.ReadAllBytesAsync(path, bytes);
                string content = now.AsSpan().SequenceEqual("old"u8) ? "old" : now.Length < bytes ? "part" : "new";
                string names = string.Join(',', Directory.GetFileSystemEntries(folder).Select(Path.GetFileName));
                Parts.Say($"{mode} {refused.ErrnoName} {refused.Path == path} {content} {names}");
            }
        }
    }
}
