using System.Globalization;

namespace Vigil.Compare.Report;

/// <summary>
/// How busy the machine was with other things while it measured: numbers from a busy machine are worth less.
/// </summary>
internal sealed class MachineLoad
{
    private readonly (long All, long Stolen) _start = Times();

    public string AverageAtStart { get; } = Average();

    /// <summary>The load averages over 1, 5 and 15 minutes, proc(5).</summary>
    public static string Average() => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ').Take(3));

    public double StolenPercent()
    {
        (long all, long stolen) = Times();
        return 100.0 * (stolen - _start.Stolen) / Math.Max(1, all - _start.All);
    }

    /// <summary>The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal, …</summary>
    private static (long All, long Stolen) Times()
    {
        const int Steal = 7;
        string[] fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        long[] times =
            [.. fields.Skip(1).Take(Steal + 1).Select(text => long.Parse(text, CultureInfo.InvariantCulture))];
        return (times.Sum(), times[Steal]);
    }
}
