using System.Text;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>Names and paths as Linux has them: any bytes but NUL and the slash.</summary>
public sealed class InotifyNameTests : IDisposable
{
    private readonly TempTree _directory = new();
    private readonly Inotify _inotify = Inotify.Open();

    public void Dispose()
    {
        _inotify.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(@"a\nb", "a\nb")]
    [InlineData(@"a\377\200b", "a\u00FF\u0080b")]
    [InlineData(@"\303\244", "\u00C3\u00A4")]
    [InlineData(@" \t*", " \t*")]
    public void A_name_arrives_byte_by_byte(string printf, string latin1)
    {
        _inotify.Add(_directory.Path, InotifyMask.Create);
        Shell.Run(_directory.Path, $"""touch -- "$(printf '{printf}')" """);
        RawEvent e = Assert.Single(_inotify.Drain());
        Assert.Equal(latin1, e.Name);
    }

    [Theory]
    [InlineData(1, 16)]
    [InlineData(15, 16)]
    [InlineData(16, 32)]
    [InlineData(255, 256)]
    public void A_name_loses_its_padding_and_nothing_else(int nameBytes, int paddedBytes)
    {
        string name = new('x', nameBytes);
        _inotify.Add(_directory.Path, InotifyMask.Create);
        _directory.WriteFile(name);
        RawEvent e = Assert.Single(_inotify.Drain());
        Assert.Equal(name, e.Name);
        Assert.Equal(paddedBytes, e.Length);
    }

    [Fact]
    public void The_smallest_buffer_takes_the_longest_names_one_at_a_time()
    {
        using Inotify small = Inotify.Open(new InotifyOptions { BufferBytes = InotifyOptions.MinBufferBytes });
        small.Add(_directory.Path, InotifyMask.Create);
        for (char c = 'a'; c <= 'e'; c++)
        {
            _directory.WriteFile(new string(c, 255));
        }

        Assert.Equal(5 * InotifyOptions.MinBufferBytes, small.AvailableBytes);
        Assert.Equal(1, small.TryRead().Count());
        Assert.Equal(4, small.Drain().Count);
        Assert.Equal(0, small.AvailableBytes);
    }

    [Fact]
    public void A_path_of_bytes_is_watched()
    {
        Shell.Run(_directory.Path, """mkdir "$(printf 'd\377')" """);
        byte[] path = [.. Encoding.UTF8.GetBytes(_directory.Path), .. "/d"u8, 0xFF];
        WatchDescriptor watch = _inotify.Add(path, InotifyMask.Create);
        Shell.Run(_directory.Path, """touch "$(printf 'd\377')/f" """);
        Assert.Equal(["IN_CREATE f"], _inotify.DrainShort());
        Assert.Equal(_directory.Path + "/d\uDCFF", _inotify.PathOf(watch));
    }

    [Fact]
    public void A_path_that_cannot_be_one_is_the_callers_mistake()
    {
        Assert.ThrowsAny<ArgumentException>(() => _inotify.Add(string.Empty, InotifyMask.Create));
        Assert.ThrowsAny<ArgumentException>(() => _inotify.Add("a\0b", InotifyMask.Create));
        Assert.ThrowsAny<ArgumentException>(() => _inotify.Add("a\uD800", InotifyMask.Create));
        Assert.ThrowsAny<ArgumentException>(() => _inotify.Add(ReadOnlySpan<byte>.Empty, InotifyMask.Create));
        Assert.ThrowsAny<ArgumentException>(() => _inotify.Add("a\0b"u8, InotifyMask.Create));
        Assert.Throws<ArgumentOutOfRangeException>(() => Inotify.Open(new InotifyOptions { BufferBytes = 271 }));
    }

    [Fact]
    public void A_path_the_kernel_refuses_is_named()
    {
        string missing = _directory.At("missing");
        VigilException none = Assert.Throws<VigilException>(() => _inotify.Add(missing, InotifyMask.Create));
        Assert.Equal(("ENOENT", missing, "inotify_add_watch"), (none.ErrnoName, none.Path, none.Call));
        Assert.Equal("ENAMETOOLONG", Refusal(_directory.At(new string('x', 5000))));
        File.CreateSymbolicLink(_directory.At("loop"), "loop");
        Assert.Equal("ELOOP", Refusal(_directory.At("loop")));

        string Refusal(string path) =>
            Assert.Throws<VigilException>(() => _inotify.Add(path, InotifyMask.Create)).ErrnoName;
    }
}
