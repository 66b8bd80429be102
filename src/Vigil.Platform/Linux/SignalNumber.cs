using System.Globalization;

namespace Vigil.Platform.Linux;

/// <summary>The signals by name and number, as x86-64 and arm64 count them: signal(7). Thread-safe.</summary>
public static class SignalNumber
{
    /// <summary>What Ctrl-C sends.</summary>
    public const int SIGINT = 2;

    /// <summary>Ends a process, and cannot be caught.</summary>
    public const int SIGKILL = 9;

    /// <summary>The polite request to end.</summary>
    public const int SIGTERM = 15;

    /// <summary>Goes on after a stop.</summary>
    public const int SIGCONT = 18;

    /// <summary>Stops a process, and cannot be caught.</summary>
    public const int SIGSTOP = 19;

    /// <summary>What Ctrl-Z sends.</summary>
    public const int SIGTSTP = 20;

    /// <summary>A program in the background has read from the terminal.</summary>
    public const int SIGTTIN = 21;

    /// <summary>A program in the background has changed the terminal.</summary>
    public const int SIGTTOU = 22;

    private const int Highest = 64;

    private static readonly string[] Known =
    [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>The names without <c>SIG</c>, in the order of their numbers from 1 on.</summary>
    public static IReadOnlyList<string> Names => Known;

    /// <summary>Parses a signal: <c>TERM</c>, <c>SIGTERM</c>, <c>term</c> or <c>15</c>.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="signal">Its number.</param>
    /// <returns>Whether there is such a signal.</returns>
    public static bool TryParse(string text, out int signal)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out signal))
        {
            return signal is > 0 and <= Highest;
        }

        string name = text.ToUpperInvariant();
        name = name.StartsWith("SIG", StringComparison.Ordinal) ? name[3..] : name;
        signal = Array.IndexOf(Known, name) + 1;
        return signal > 0;
    }

    /// <summary>The name of a signal.</summary>
    /// <param name="signal">Its number.</param>
    /// <returns><c>SIGTERM</c>, or <c>signal 40</c> for one without a name.</returns>
    public static string Name(int signal) => signal > 0 && signal <= Known.Length
        ? "SIG" + Known[signal - 1]
        : string.Create(CultureInfo.InvariantCulture, $"signal {signal}");
}
