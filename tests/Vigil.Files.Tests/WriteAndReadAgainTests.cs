using Microsoft.Win32.SafeHandles;

namespace Vigil.IO.Tests;

/// <summary>A file is written, read, written to in the middle, and read again: the face of the library in one
/// go.</summary>
public sealed class WriteAndReadAgainTests : IDisposable
{
    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public async Task A_file_is_written_and_read_and_written_to_and_read()
    {
        string path = _tree.At("test.txt");
        await Files.WriteAllBytesAsync(path, "line 1\nline 2"u8.ToArray());
        Assert.Equal("line 1\nline 2"u8.ToArray(), await Files.ReadAllBytesAsync(path, maxBytes: 1 << 20));

        // Who watches the file hears of it when it closes (IN_CLOSE_WRITE).
        using (SafeFileHandle file = await Files.OpenAsync(path, FileMode.OpenOrCreate, FileAccess.ReadWrite))
        {
            await Files.WriteAsync(file, new List<ReadOnlyMemory<byte>> { "lorem ipsum"u8.ToArray() }, 7);
        }

        Assert.Equal("line 1\nlorem ipsum"u8.ToArray(), await Files.ReadAllBytesAsync(path, maxBytes: 1 << 20));
    }
}
