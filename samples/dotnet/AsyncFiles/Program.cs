using System.Text;
using Microsoft.Win32.SafeHandles;
using Vigil.IO;

string folder = args.Length > 0 ? args[0] : ".";
string path = Path.Combine(Path.GetTempPath(), $"vigil-sample-{Environment.ProcessId}.yaml");

await Files.WriteAllBytesAsync(path, "answer: 42\n"u8.ToArray(), WriteMode.Atomic);
byte[] config = await Files.ReadAllBytesAsync(path, maxBytes: 1 << 20);
Console.Write(Encoding.UTF8.GetString(config));

using (SafeFileHandle file = await Files.OpenAsync(path, FileMode.Open, FileAccess.Read))
{
    var buffer = new byte[2];
    int n = await Files.ReadAsync(file, buffer, offset: 8);       // at once when cached, io_uring when not
    Console.WriteLine($"{n} bytes at 8: {Encoding.UTF8.GetString(buffer)}");
}

File.Delete(path);

int count = 0;
long bytes = 0;
await foreach (FileContent f in Files.ReadManyAsync(Directory.EnumerateFiles(folder), new() { InFlight = 64 }))
{
    count++;
    bytes += f.Bytes.Length;
}

Console.WriteLine($"{count} files with {bytes} bytes, by {Files.ResolveBackend()}");
