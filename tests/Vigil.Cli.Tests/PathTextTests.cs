using Vigil.Platform;

namespace Vigil.Cli.Tests;

/// <summary>Paths as text lose nothing, whatever their bytes are.</summary>
public sealed class PathTextTests
{
    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { (byte)'a', (byte)'/', 0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80 })]
    [InlineData(new byte[] { 0xff, 0x80, 0xc0, 0x80, 0xed, 0xb2, 0x80, 0xf4, 0x90, 0x80, 0x80 })]
    [InlineData(new byte[] { 0xf0, 0x9f, 0x98, (byte)'x', 0xe2, 0x82 })]
    [InlineData(new byte[] { 0xef, 0xbf, 0xbd })]
    public void Any_bytes_come_back_as_they_were(byte[] path) =>
        Assert.Equal(path, PathText.ToBytes(PathText.FromBytes(path)));

    [Fact]
    public void Every_byte_alone_and_in_pairs_comes_back()
    {
        for (int i = 0; i < 0x10000; i++)
        {
            byte[] path = [(byte)(i >> 8), (byte)i];
            Assert.Equal(path, PathText.ToBytes(PathText.FromBytes(path)));
        }
    }

    [Fact]
    public void What_is_no_text_at_all_becomes_the_replacement() =>
        Assert.Equal([.. "\uFFFDx"u8, 0xff], PathText.ToBytes("\uD83Dx\uDCFF"));
}
