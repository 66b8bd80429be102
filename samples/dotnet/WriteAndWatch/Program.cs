using System.Text;
using Microsoft.Win32.SafeHandles;
using Vigil.IO;
using Vigil.Watching;

const int MaxBytes = 1 << 20;
string path = args.Length > 0 ? args[0] : "test.txt";

await Files.WriteAllBytesAsync(path, "line 1\nline 2"u8.ToArray());
await ShowAsync();

await using var watcher = new FileWatcher<string>(capacity: 16);
Console.WriteLine(watcher.Add(path, "ours") ? "watched from now on" : "watched already");

using (SafeFileHandle file = await Files.OpenAsync(path, FileMode.OpenOrCreate, FileAccess.ReadWrite))
{
    await Files.WriteAsync(file, "lorem ipsum"u8.ToArray(), offset: 7);
}                                                       // the close is what the watcher tells of

await NextAsync();
await ShowAsync();

File.Delete(path);
await NextAsync();
await Files.WriteAllBytesAsync(path, "once more"u8.ToArray());
await NextAsync();
await ShowAsync();

async Task NextAsync()
{
    FileEvent<string> e = await watcher.Events.ReadAsync();
    Console.WriteLine($"{e.Kind} of {e.Tag}");
}

async Task ShowAsync()
{
    byte[] content = await Files.ReadAllBytesAsync(path, MaxBytes);
    Console.WriteLine(Encoding.UTF8.GetString(content).ReplaceLineEndings(" / "));
}
