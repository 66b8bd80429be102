using Microsoft.Win32.SafeHandles;

namespace Vigil.IO.Tests;

/// <summary>A close that was made ready before the open.</summary>
public sealed class PreparedCloseTests : IDisposable
{
    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData(FileAccess.Read)]
    [InlineData(FileAccess.Write)]
    [InlineData(FileAccess.ReadWrite)]
    public async Task It_closes_what_it_was_given(FileAccess access)
    {
        string path = _tree.WriteFile("file", "text");
        SafeFileHandle handle;
        using (PreparedClose close = Files.PrepareClose())
        {
            handle = close.Set(await Files.OpenAsync(path, FileMode.Open, access));
            Assert.True(close.IsSet);
            Assert.Same(handle, close.Handle);
            Assert.Same(handle, close.Set(handle));
            Assert.False(handle.IsClosed);
        }

        Eventually.True(() => handle.IsClosed && Descriptors.Count(path) == 0, "the file to be closed");
    }

    [Fact]
    public async Task It_closes_nothing_where_nothing_was_given_or_it_was_taken_back()
    {
        PreparedClose close = Files.PrepareClose();
        Assert.False(close.IsSet);
        Assert.Throws<InvalidOperationException>(() => close.Handle);
        Assert.Null(close.Clear());
        using SafeFileHandle handle = await Files.OpenAsync(_tree.WriteFile("file"), FileMode.Open, FileAccess.Read);
        close.Set(handle);
        Assert.Same(handle, close.Clear());
        Assert.Throws<InvalidOperationException>(() => close.Handle);
        close.Finish();
        Assert.False(handle.IsClosed);
        Assert.Throws<ObjectDisposedException>(() => close.Set(handle));
        Assert.False(handle.IsClosed);
    }

    [Fact]
    public async Task It_finishes_once_also_from_many_threads_and_never_fails()
    {
        string path = _tree.WriteFile("file");
        using SafeFileHandle other = await Files.OpenAsync(path, FileMode.Open, FileAccess.Read);
        PreparedClose close = Files.PrepareClose();
        SafeFileHandle handle = close.Set(await Files.OpenAsync(path, FileMode.Open, FileAccess.Write));
        Assert.Throws<InvalidOperationException>(() => close.Set(other));
        Parallel.For(0, 50, _ => close.Finish());
        Eventually.True(() => handle.IsClosed, "the file to be closed");
        close.Dispose();
        Assert.False(close.IsSet);

        // Closed by somebody else before: nothing to do, and no error.
        PreparedClose late = Files.PrepareClose();
        late.Set(await Files.OpenAsync(path, FileMode.Open, FileAccess.Write)).Dispose();
        late.Finish();
    }
}
