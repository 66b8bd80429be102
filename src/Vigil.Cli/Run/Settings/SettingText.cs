using System.Text.RegularExpressions;
using Vigil.Cli.Printing;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Cli.Run.Settings;

/// <summary>
/// Turns the text of a setting into what it means, wherever it was written: on the command line or in vigil.yaml.
/// What is wrong is a <see cref="UsageException"/> whose message follows the name of the setting and a colon.
/// </summary>
internal static class SettingText
{
    private static readonly string[] Yes = ["true", "yes", "on"];
    private static readonly string[] No = ["false", "no", "off"];

    public static bool Flag(string text) =>
        Yes.Contains(text.ToLowerInvariant())
        || (No.Contains(text.ToLowerInvariant())
            ? false
            : throw new UsageException($"'{text}' is neither true nor false"));

    public static TimeSpan Time(string text) => TimeText.TryParse(text, out TimeSpan time, out string? problem)
        ? time
        : throw new UsageException(problem!);

    // A bare number is milliseconds where the setting has the name of the older tool.
    public static TimeSpan Milliseconds(string text) =>
        text.Length > 0 && text.All(char.IsAsciiDigit) ? Time(text + "ms") : Time(text);

    public static TimeSpan PollTime(string text)
    {
        bool isAuto = text.Equals("auto", StringComparison.OrdinalIgnoreCase);
        TimeSpan time = isAuto ? TimeSpan.Zero : Time(text);
        return time < TimeSpan.FromMilliseconds(1) && !isAuto
            ? throw new UsageException($"'{text}' leaves no time between two looks; the shortest is 1ms")
            : time;
    }

    public static int Signal(string text) => SignalNumber.TryParse(text, out int signal)
        ? signal
        : throw new UsageException($"unknown signal '{text}'{Suggestions.For(Bare(text), SignalNumber.Names)}");

    public static T Word<T>(string text, string[] words)
        where T : struct, Enum
    {
        int index = Array.IndexOf(words, text.ToLowerInvariant());
        return index >= 0
            ? (T)Enum.ToObject(typeof(T), index)
            : throw new UsageException($"unknown '{text}'{Suggestions.For(text, words)}");
    }

    /// <summary>The shell that a text names; empty for none.</summary>
    public static string Shell(string text)
    {
        string word = text.ToLowerInvariant();
        return No.Contains(word) || word == "none" ? string.Empty : Yes.Contains(word) ? "sh" : text;
    }

    public static WatchBackend Backend(string text) => text.ToLowerInvariant() switch
    {
        "auto" => WatchBackend.Auto,
        "inotify" => WatchBackend.Inotify,
        "poll" => WatchBackend.Poll,
        _ => throw new UsageException($"unknown '{text}'{Suggestions.For(text, ["auto", "inotify", "poll"])}"),
    };

    public static string Glob(string pattern)
    {
        if (!GlobPattern.TryCheck(pattern, out string? problem, out int column))
        {
            string place = column > 0 ? $" (column {column})" : string.Empty;
            throw new UsageException($"'{pattern}': {problem}{place}");
        }

        return pattern;
    }

    public static Regex Expression(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
        catch (RegexParseException e)
        {
            // The runtime's own sentences are not in the native command.
            throw new UsageException($"'{pattern}': {Words(e.Error.ToString())} (column {e.Offset})");
        }
    }

    public static string Path(string text) =>
        text.Length > 0 ? text : throw new UsageException("a PATH is empty; the current directory is .");

    public static FileChangeKinds Kind(string word)
    {
        int index = Array.IndexOf(KindNames.Selectable, word.ToLowerInvariant());
        return index >= 0
            ? (FileChangeKinds)(1 << index)
            : throw new UsageException($"unknown kind '{word}'{Suggestions.For(word, KindNames.Selectable)}");
    }

    private static string Bare(string signal) =>
        signal.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? signal[3..] : signal;

    // InsufficientClosingParentheses: "insufficient closing parentheses".
    private static string Words(string name) => string.Concat(name.Select(static (c, index) =>
        char.IsUpper(c) ? (index > 0 ? " " : "") + char.ToLowerInvariant(c) : c.ToString()));
}
