using System.Text;
using Vigil.Cli.Parsing;

namespace Vigil.Cli.Tests;

/// <summary>Arguments that are not UTF-8 are found again in the command line.</summary>
public sealed class GivenArgumentsTests
{
    [Fact]
    public void The_last_words_are_the_arguments()
    {
        byte[] line = [.. "host\0vigil\0watch\0\0a"u8, 0xff, .. "\0é\0"u8];
        string[] decoded = Encoding.UTF8.GetString(line).Split('\0')[2..^1];
        Assert.Equal(["watch", "", "a\uDCFF", "é"], GivenArguments.Restore(decoded, line));
    }

    [Fact]
    public void A_command_line_that_is_cut_short_leaves_the_others_as_they_are() =>
        Assert.Equal(["a\uFFFD", "b\uDCFF"], GivenArguments.Restore(["a\uFFFD", "b\uFFFD"], [(byte)'b', 0xff, 0]));
}
