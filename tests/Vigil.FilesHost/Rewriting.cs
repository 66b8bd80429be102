namespace Vigil.IO.Tests;

/// <summary>Replaces a file by one number after the other, each content all of one byte, until it is killed.</summary>
internal static class Rewriting
{
    internal static async Task RunAsync(string path, int bytes)
    {
        byte[] content = new byte[bytes];
        for (int i = 0; ; i++)
        {
            content.AsSpan().Fill((byte)i);
            await Files.WriteAllBytesAsync(path, content, WriteMode.Atomic);
            if (i == 2)
            {
                Parts.Say("begun");
            }
        }
    }
}
