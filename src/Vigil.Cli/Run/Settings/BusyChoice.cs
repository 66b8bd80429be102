using Vigil.Platform.Linux;

namespace Vigil.Cli.Run.Settings;

/// <summary>What a change does while the command still runs, and the signal of <see cref="BusyMode.Signal"/>.</summary>
internal readonly record struct BusyChoice(BusyMode Mode, int Signal = 0)
{
    /// <summary>The words of <c>--on-busy</c>.</summary>
    public static readonly string[] Words = ["queue", "restart", "ignore", "signal=HUP"];

    /// <summary>Parses what was typed.</summary>
    /// <exception cref="UsageException">It is none of the words; the message follows a colon.</exception>
    public static BusyChoice Parse(string text)
    {
        const string Prefix = "signal=";
        string word = text.ToLowerInvariant();
        if (word.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return new BusyChoice(BusyMode.Signal, SettingText.Signal(text[Prefix.Length..]));
        }

        return word switch
        {
            "queue" => new BusyChoice(BusyMode.Queue),
            "restart" => new BusyChoice(BusyMode.Restart),
            "ignore" => new BusyChoice(BusyMode.Ignore),
            "signal" => throw new UsageException("'signal' needs one: signal=HUP"),
            _ => throw new UsageException($"unknown '{text}'{Suggestions.For(text, Words)}"),
        };
    }
}
