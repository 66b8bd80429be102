using Vigil.Cli.Parsing;

namespace Vigil.Cli.Tests;

public sealed class TimeTextTests
{
    [Theory]
    [InlineData("50ms", 50)]
    [InlineData("2s", 2000)]
    [InlineData("2", 2000)]
    [InlineData("1.5s", 1500)]
    [InlineData("0.25", 250)]
    [InlineData(".5s", 500)]
    [InlineData("1m", 60_000)]
    [InlineData("1min", 60_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("0", 0)]
    [InlineData("500us", 0.5)]
    public void A_time_is_a_number_and_a_unit(string text, double milliseconds)
    {
        Assert.True(TimeText.TryParse(text, out TimeSpan time, out string? problem));
        Assert.Equal(milliseconds, time.TotalMilliseconds);
        Assert.Null(problem);
    }

    [Theory]
    [InlineData("", "is not a time")]
    [InlineData("s", "is not a time")]
    [InlineData("soon", "is not a time")]
    [InlineData("-1s", "is negative")]
    [InlineData("5x", "unknown unit 'x'")]
    [InlineData("5 s", "is not a time")]
    [InlineData("1,5s", "is not a time")]
    [InlineData("1e3", "is not a time")]
    [InlineData("1h30m", "is not a time")]
    [InlineData("NaN", "is not a time")]
    [InlineData("99999999h", "is too long")]
    public void What_is_no_time_is_told_with_the_reason(string text, string reason)
    {
        Assert.False(TimeText.TryParse(text, out _, out string? problem));
        Assert.Contains(reason, problem);
        Assert.Contains($"'{text}'", problem);
    }
}
