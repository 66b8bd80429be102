using System.Globalization;
using Vigil.Platform.Linux;

namespace Vigil.Cli.Run.Processes;

/// <summary>How a run ended.</summary>
/// <param name="Status">As a shell has it: the exit status, or 128 and the number of the signal.</param>
/// <param name="Signal">The signal that ended it, or 0.</param>
/// <param name="Duration">How long it took.</param>
internal readonly record struct RunResult(int Status, int Signal, TimeSpan Duration)
{
    private const int SignalBase = 128;

    /// <summary>Whether it succeeded.</summary>
    public bool IsSuccess => Status == 0;

    /// <summary>The status of a child that has ended.</summary>
    public static int StatusOf(ChildReport report) =>
        report.State == ChildState.Killed ? SignalBase + report.Value : report.Value;

    /// <summary>What happened, for people: <c>ok after 1.2 s</c>.</summary>
    public override string ToString()
    {
        string what = IsSuccess ? "ok" : Signal > 0
            ? $"ended by {SignalNumber.Name(Signal)}"
            : string.Create(CultureInfo.InvariantCulture, $"failed with status {Status}");
        return $"{what} after {Time(Duration)}";
    }

    private static string Time(TimeSpan time) => time.TotalSeconds switch
    {
        < 0.1 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms"),
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds} s"),
    };
}
