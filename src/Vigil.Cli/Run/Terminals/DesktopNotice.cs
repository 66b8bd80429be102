namespace Vigil.Cli.Run.Terminals;

/// <summary>
/// What makes a terminal tell its desktop something: OSC 777 where terminals of the rxvt family know it, else OSC 9.
/// </summary>
internal static class DesktopNotice
{
    private static readonly string[] Rxvt = ["rxvt", "foot", "ghostty"];

    /// <summary>The sequence.</summary>
    /// <param name="message">What is told; control characters are left out.</param>
    public static string Text(string message) => Text(
        message,
        Environment.GetEnvironmentVariable("TERM") ?? string.Empty,
        Environment.GetEnvironmentVariable("TMUX") is { Length: > 0 });

    /// <summary>The sequence for a terminal.</summary>
    /// <param name="message">What is told.</param>
    /// <param name="term">The value of TERM.</param>
    /// <param name="isInTmux">Whether tmux has to pass it on.</param>
    internal static string Text(string message, string term, bool isInTmux)
    {
        string plain = string.Concat(message.Where(static c => !char.IsControl(c)));
        string sequence = Rxvt.Any(name => term.Contains(name, StringComparison.Ordinal))
            ? $"\u001b]777;notify;vigil;{plain}\a"
            : $"\u001b]9;vigil: {plain}\a";
        return isInTmux ? "\u001bPtmux;" + sequence.Replace("\u001b", "\u001b\u001b") + "\u001b\\" : sequence;
    }
}
