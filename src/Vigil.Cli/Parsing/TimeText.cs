using System.Globalization;

namespace Vigil.Cli;

/// <summary>
/// A span of time as people type it: <c>50ms</c>, <c>2s</c>, <c>1.5s</c>, <c>1m</c>, <c>2h</c>; a bare number is
/// seconds.
/// </summary>
internal static class TimeText
{
    // Longer than any run of the command, and safe to add to any time of today.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(10_000);

    /// <summary>Parses a time.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="time">The time, zero or more.</param>
    /// <param name="problem">What is wrong with it, to follow a colon; null where nothing is.</param>
    /// <returns>Whether it is a time.</returns>
    public static bool TryParse(string text, out TimeSpan time, out string? problem)
    {
        time = TimeSpan.Zero;
        int unitStart = text.Length;
        while (unitStart > 0 && char.IsAsciiLetter(text[unitStart - 1]))
        {
            unitStart--;
        }

        ReadOnlySpan<char> number = text.AsSpan(0, unitStart);
        double? unitMs = UnitMs(text.AsSpan(unitStart));
        if (unitMs is null && !number.IsEmpty)
        {
            string unit = text[unitStart..];
            problem = $"'{text}' ends in an unknown unit '{unit}'; known are us, ms, s, m and h, as in 50ms";
            return false;
        }

        if (unitMs is null || !double.TryParse(
            number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value))
        {
            problem = number.StartsWith("-")
                ? $"'{text}' is negative; a time is zero or more, as in 50ms"
                : $"'{text}' is not a time; write a number and a unit, as in 50ms, 2s, 1.5s or 1m";
            return false;
        }

        double totalMs = value * unitMs.Value;
        if (totalMs > Longest.TotalMilliseconds)
        {
            problem = $"'{text}' is too long; the longest is {Longest.TotalHours:0}h";
            return false;
        }

        time = TimeSpan.FromMicroseconds(Math.Round(totalMs * 1000));
        problem = null;
        return true;
    }

    private static double? UnitMs(ReadOnlySpan<char> unit) => unit switch
    {
        "us" => 0.001,
        "ms" => 1,
        "" or "s" or "sec" => 1000,
        "m" or "min" => 60_000,
        "h" => 3_600_000,
        _ => null,
    };
}
