using Microsoft.Win32.SafeHandles;
using Vigil.Platform;

namespace Vigil.IO.Tests.Contract;

/// <content>Open files.</content>
public abstract partial class ContractTests
{
    private const int ManyBuffers = 5000;

    [Fact]
    public async Task A_file_is_written_and_read_at_positions()
    {
        string path = _tree.At("test.txt");
        using SafeFileHandle handle = await Engine.OpenAsync(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        await Engine.WriteAsync(handle, "line 1\nline 2"u8.ToArray(), 0);
        await Engine.WriteAsync(handle, "lorem ipsum"u8.ToArray(), 7);
        byte[] buffer = new byte[64];
        Assert.Equal(18, await Engine.ReadAsync(handle, buffer, 0));
        Assert.Equal("line 1\nlorem ipsum"u8, buffer.AsSpan(0, 18));
        Assert.Equal(5, await Engine.ReadAsync(handle, buffer.AsMemory(0, 5), 13));
        Assert.Equal("ipsum"u8, buffer.AsSpan(0, 5));
        Assert.Equal(0, await Engine.ReadAsync(handle, buffer, 18));
        Assert.Equal(0, await Engine.ReadAsync(handle, buffer, long.MaxValue - 4096));
        await Engine.FlushAsync(handle);
        await Engine.FlushAsync(handle, dataOnly: true);
    }

    [Fact]
    public async Task What_is_between_the_end_and_a_write_is_zeros()
    {
        string path = Write("sparse", [1]);
        using (SafeFileHandle handle = await Engine.OpenAsync(path, FileMode.Open, FileAccess.Write))
        {
            await Engine.WriteAsync(handle, new byte[] { 2 }, 5000);
        }

        byte[] content = await Engine.ReadAllBytesAsync(path, 5001);
        Assert.Equal(5001, content.Length);
        Assert.Equal((1, 2), (content[0], content[5000]));
        Assert.False(content.AsSpan(1, 4999).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public async Task Thousands_of_buffers_are_one_read_and_one_write()
    {
        byte[] content = Pattern.Bytes(ManyBuffers * 37);
        string path = _tree.At("many");
        using SafeFileHandle handle = await Engine.OpenAsync(path, FileMode.CreateNew, FileAccess.ReadWrite);
        List<ReadOnlyMemory<byte>> pieces = Pattern.Cut(content, 37, 0, 1, 73);
        Assert.True(pieces.Count > ManyBuffers);
        await Engine.WriteAsync(handle, pieces, 3);
        Assert.Equal(content, File.ReadAllBytes(path)[3..]);

        byte[] read = new byte[content.Length + 10];
        List<Memory<byte>> buffers = [.. Enumerable.Range(0, ManyBuffers + 1)
            .Select(i => read.AsMemory(i * 37, Math.Min(37, read.Length - (i * 37))))];
        Assert.Equal(content.Length, await Engine.ReadAsync(handle, buffers, 3));
        Assert.Equal(content, read[..content.Length]);
    }

    [Fact]
    public async Task Nothing_to_write_is_nothing_and_nothing_to_read_into_is_a_mistake()
    {
        string path = Write("file", [1, 2, 3]);
        using SafeFileHandle handle = await Engine.OpenAsync(path, FileMode.Open, FileAccess.ReadWrite);
        await Engine.WriteAsync(handle, ReadOnlyMemory<byte>.Empty, 1);
        await Engine.WriteAsync(handle, new List<ReadOnlyMemory<byte>>(), 1);
        await Engine.WriteAsync(handle, new List<ReadOnlyMemory<byte>> { default, default }, 1);
        Assert.Equal(0, await Engine.ReadAsync(handle, Memory<byte>.Empty, 1));
        Assert.Equal(0, await Engine.ReadAsync(handle, new List<Memory<byte>> { default }, 1));
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await Engine.ReadAsync(handle, new List<Memory<byte>>(), 1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            async () => await Engine.ReadAsync(handle, new byte[1], -1));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
    }

    [Fact]
    public async Task A_large_read_and_a_large_write_are_whole()
    {
        byte[] content = Pattern.Bytes((3 << 20) + 17);
        using SafeFileHandle handle = await Engine.OpenAsync(
            _tree.At("large"), FileMode.Create, FileAccess.ReadWrite);
        await Engine.WriteAsync(handle, content, 1);
        byte[] read = new byte[content.Length + 1];
        Assert.Equal(content.Length, await Engine.ReadAsync(handle, read, 1));
        Assert.Equal(content, read[..^1]);
        Assert.Equal(content.Length, await Engine.ReadAsync(
            handle, new List<Memory<byte>> { read.AsMemory(0, 1 << 20), read.AsMemory(1 << 20) }, 1));
        Assert.Equal(content, read[..^1]);
    }

    [Theory]
    [InlineData(FileMode.Open, FileAccess.Read, null, "old")]
    [InlineData(FileMode.Open, FileAccess.ReadWrite, null, "old")]
    [InlineData(FileMode.OpenOrCreate, FileAccess.ReadWrite, "", "old")]
    [InlineData(FileMode.OpenOrCreate, FileAccess.Read, "", "old")]
    [InlineData(FileMode.Create, FileAccess.Write, "", "")]
    [InlineData(FileMode.CreateNew, FileAccess.Write, "", null)]
    [InlineData(FileMode.Truncate, FileAccess.Write, null, "")]
    [InlineData(FileMode.Append, FileAccess.Write, "", "old")]
    public async Task Every_mode_makes_keeps_and_empties_as_it_says(
        FileMode mode, FileAccess access, string? ofNone, string? ofOld)
    {
        string none = _tree.At("none"), old = _tree.WriteFile("old", "old");
        Assert.Equal(ofNone, await Opened(none));
        Assert.Equal(ofOld, await Opened(old));
        Assert.Equal(ofNone is not null, File.Exists(none));

        async Task<string?> Opened(string path)
        {
            try
            {
                using SafeFileHandle handle = await Engine.OpenAsync(path, mode, access);
                Assert.True(Descriptors.ClosesOnExec(handle));
                return File.ReadAllText(path);
            }
            catch (VigilException refused)
            {
                Assert.Equal(path, refused.Path);
                Assert.Contains(refused.Failure, (Failure[])[Failure.NotFound, Failure.AlreadyExists]);
                return null;
            }
        }
    }

    [Fact]
    public async Task A_file_that_is_made_has_the_permissions_that_were_asked_for()
    {
        const UnixFileMode Asked = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        string path = _tree.At("made");
        (await Engine.OpenAsync(path, FileMode.Create, FileAccess.Write, Asked)).Dispose();
        Assert.Equal(Asked, File.GetUnixFileMode(path) & Asked);
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & ~Asked);
    }

    [Fact]
    public async Task Appended_goes_to_the_end_wherever_the_position_says()
    {
        string path = _tree.WriteFile("log", "one ");
        using (SafeFileHandle handle = await Engine.OpenAsync(path, FileMode.Append, FileAccess.Write))
        {
            await Engine.WriteAsync(handle, "two "u8.ToArray(), 0);
            await Engine.WriteAsync(handle, "three"u8.ToArray(), 0);
        }

        Assert.Equal("one two three", File.ReadAllText(path));
    }

    [Fact]
    public async Task A_directory_can_be_opened_and_not_be_read()
    {
        using SafeFileHandle handle = await Engine.OpenAsync(_tree.Path, FileMode.Open, FileAccess.Read);
        VigilException refused = await Assert.ThrowsAsync<VigilException>(
            async () => await Engine.ReadAsync(handle, new byte[10], 0));
        Assert.Equal("EISDIR", refused.ErrnoName);
        refused = await Assert.ThrowsAsync<VigilException>(
            async () => await Engine.OpenAsync(_tree.Path, FileMode.Open, FileAccess.Write));
        Assert.Equal("EISDIR", refused.ErrnoName);
    }

    [Fact]
    public async Task A_name_of_any_bytes_can_be_opened()
    {
        _tree.MakeFile([(byte)'a', 0xff, 0xfe]);
        string path = $"{_tree.Path}/{PathText.FromBytes([(byte)'a', 0xff, 0xfe])}";
        await Engine.WriteAllBytesAsync(path, "odd"u8.ToArray());
        await Engine.WriteAllBytesAsync(path, "odder"u8.ToArray(), WriteMode.Atomic);
        using SafeFileHandle handle = await Engine.OpenAsync(path, FileMode.Open, FileAccess.Read);
        byte[] buffer = new byte[10];
        Assert.Equal(5, await Engine.ReadAsync(handle, buffer, 0));
        Assert.Equal("odder"u8.ToArray(), await Engine.ReadAllBytesAsync(path, 5));
        Assert.Single(Directory.GetFileSystemEntries(_tree.Path));
    }

    [Fact]
    public async Task Wrong_arguments_are_told_before_anything_is_done()
    {
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await Engine.OpenAsync("", FileMode.Open, FileAccess.Read));
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await Engine.OpenAsync("a\0b", FileMode.Open, FileAccess.Read));
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await Engine.OpenAsync(_tree.At("a"), FileMode.Create, FileAccess.Read));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            async () => await Engine.WriteAllBytesAsync(_tree.At("a"), default, (WriteMode)3));
        SafeFileHandle closed = await Engine.OpenAsync(_tree.Path, FileMode.Open, FileAccess.Read);
        closed.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Engine.ReadAsync(closed, new byte[1], 0));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Engine.FlushAsync(closed));
        Assert.Empty(Directory.GetFileSystemEntries(_tree.Path));
    }

    [Fact]
    public async Task What_is_not_open_for_it_says_so()
    {
        using SafeFileHandle handle = await Engine.OpenAsync(Write("file", [1]), FileMode.Open, FileAccess.Read);
        VigilException refused = await Assert.ThrowsAsync<VigilException>(
            async () => await Engine.WriteAsync(handle, new byte[1], 0));
        Assert.Equal("EBADF", refused.ErrnoName);
    }

    [Fact]
    public async Task What_is_cancelled_before_is_not_begun()
    {
        var cancelled = new CancellationToken(canceled: true);
        string path = Write("file", [1, 2, 3]);
        using SafeFileHandle handle = await Engine.OpenAsync(path, FileMode.Open, FileAccess.ReadWrite);
        byte[] buffer = new byte[3];
        Func<Task>[] all =
        [
            async () => await Engine.OpenAsync(path, FileMode.Create, FileAccess.Write, cancelled),
            async () => await Engine.ReadAsync(handle, buffer, 0, cancelled),
            async () => await Engine.ReadAsync(handle, new List<Memory<byte>> { buffer }, 0, cancelled),
            async () => await Engine.WriteAsync(handle, new byte[1], 0, cancelled),
            async () => await Engine.WriteAsync(handle, new List<ReadOnlyMemory<byte>> { buffer }, 0, cancelled),
            async () => await Engine.FlushAsync(handle, false, cancelled),
            async () => await Engine.ReadAllBytesAsync(path, 10, cancelled),
            async () => await Engine.WriteAllBytesAsync(path, default, WriteMode.Truncate, cancelled),
            async () => await Engine.ReadManyAsync([path], null, cancelled).ToListAsync(),
        ];
        foreach (Func<Task> one in all)
        {
            OperationCanceledException told = await Assert.ThrowsAnyAsync<OperationCanceledException>(one);
            Assert.Equal(cancelled, told.CancellationToken);
        }

        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Equal(new byte[3], buffer);
    }
}
