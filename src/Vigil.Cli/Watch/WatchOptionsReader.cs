using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Vigil.Cli.Parsing;
using Vigil.Cli.Printing;
using Vigil.Watching;

namespace Vigil.Cli.Watch;

/// <summary>Turns what was typed into <see cref="WatchOptions"/>, or says what is wrong with it.</summary>
internal sealed class WatchOptionsReader(WatchCommand command, ParseResult result)
{
    private static readonly string[] Backends = ["auto", "inotify", "poll", "fanotify"];
    private static readonly string[] Colors = ["auto", "always", "never"];

    /// <summary>Reads all of it.</summary>
    /// <exception cref="UsageException">Something is wrong.</exception>
    public WatchOptions Read()
    {
        string[] paths = Values(command.Paths);
        if (paths.Length == 0)
        {
            string name = result.CommandResult.Command.Name;
            throw new UsageException($"{name}: no PATH given; to watch the current directory: vigil {name} .");
        }

        foreach (string path in paths)
        {
            if (path.Length == 0)
            {
                throw new UsageException(
                    $"{result.CommandResult.Command.Name}: a PATH is empty; the current directory is .");
            }
        }

        bool isRaw = IsSet(command.Raw);
        CheckCombinations(isRaw);
        CheckPatterns(command.Include);
        CheckPatterns(command.Exclude);
        return new WatchOptions
        {
            Paths = paths,
            IsRaw = isRaw,
            Kinds = isRaw ? FileChangeKinds.All : ReadKinds(),
            Mask = isRaw ? ReadMask() : InotifyMask.AllEvents,
            Include = Values(command.Include),
            Exclude = Values(command.Exclude),
            HonourIgnoreFiles = IsSet(command.GitIgnore),
            IsRecursive = !IsSet(command.NoRecursive),
            IsOneFileSystem = IsSet(command.OneFileSystem),
            ReportsInitial = IsSet(command.Initial),
            Settle = ReadTime(command.Settle) ?? TimeSpan.Zero,
            Count = ReadCount(),
            Timeout = ReadTime(command.Timeout),
            Backend = ReadBackend(),
            PollInterval = ReadPoll(),
            WaitsForPaths = IsSet(command.Wait),
            IsJson = IsSet(command.Json),
            Format = ReadFormat(),
            EndsInNul = IsSet(command.Null),
            IsRelative = IsSet(command.Relative),
            IsQuiet = IsSet(command.Quiet),
            Color = ReadColor(),
        };
    }

    private void CheckCombinations(bool isRaw)
    {
        if (isRaw)
        {
            foreach (Option option in command.TreeOnly)
            {
                if (IsSet(option))
                {
                    throw new UsageException(
                        $"{option.Name} has no meaning with --raw, which shows the kernel's own events");
                }
            }
        }

        if (IsSet(command.Json) && (IsSet(command.Format) || IsSet(command.Null)))
        {
            string other = IsSet(command.Format) ? "--format" : "--null";
            throw new UsageException($"--json and {other} exclude each other; choose one");
        }
    }

    private void CheckPatterns(Option option)
    {
        foreach (string pattern in Values(option))
        {
            if (!GlobPattern.TryCheck(pattern, out string? problem, out int column))
            {
                string place = column > 0 ? $" (column {column})" : string.Empty;
                throw new UsageException($"{option.Name} '{pattern}': {problem}{place}");
            }
        }
    }

    private FileChangeKinds ReadKinds()
    {
        FileChangeKinds kinds = FileChangeKinds.None;
        foreach (string word in Words(command.Events))
        {
            int index = Array.IndexOf(KindNames.Selectable, word.ToLowerInvariant());
            if (Array.IndexOf(KindNames.AlwaysTold, word.ToLowerInvariant()) >= 0)
            {
                throw new UsageException(
                    $"--events: '{word}' is always told; choose among {string.Join(", ", KindNames.Selectable)}");
            }

            if (index < 0)
            {
                throw new UsageException(
                    $"--events: unknown kind '{word}'{Suggestions.For(word, KindNames.Selectable)}");
            }

            kinds |= (FileChangeKinds)(1 << index);
        }

        return kinds == FileChangeKinds.None ? FileChangeKinds.All : kinds;
    }

    private InotifyMask ReadMask()
    {
        InotifyMask mask = InotifyMask.None;
        foreach (string word in Words(command.Events))
        {
            mask |= InotifyMask.TryParseKernelNames(word, out InotifyMask one)
                ? one
                : throw new UsageException($"--events: unknown kernel event '{word}'{SuggestKernelName(word)}");
        }

        if (mask != InotifyMask.None && (mask & InotifyMask.AllEvents) == InotifyMask.None)
        {
            throw new UsageException("--events: no event among them, flags only; add one, such as IN_CREATE");
        }

        return mask == InotifyMask.None ? InotifyMask.AllEvents : mask;
    }

    private static string SuggestKernelName(string word)
    {
        string name = word.StartsWith("IN_", StringComparison.OrdinalIgnoreCase) ? word : "IN_" + word;
        return Suggestions.For(name, InotifyMask.AllKernelNames);
    }

    private TimeSpan? ReadTime(Option option)
    {
        if (Value(option) is not { } text)
        {
            return null;
        }

        return TimeText.TryParse(text, out TimeSpan time, out string? problem)
            ? time
            : throw new UsageException($"{option.Name}: {problem}");
    }

    private TimeSpan ReadPoll()
    {
        TimeSpan? interval = ReadTime(command.Poll);
        return interval is null || interval >= TimeSpan.FromMilliseconds(1)
            ? interval ?? TimeSpan.Zero
            : throw new UsageException(
                $"--poll: '{Value(command.Poll)}' leaves no time between two looks; the shortest is 1ms");
    }

    private long ReadCount()
    {
        if (Value(command.Count) is not { } text)
        {
            return 0;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long count) && count > 0
            ? count
            : throw new UsageException($"--count: '{text}' is not a number of changes; write 1 or more");
    }

    private WatchBackend ReadBackend()
    {
        string name = Value(command.Backend) ?? "auto";
        return name.ToLowerInvariant() switch
        {
            "auto" => WatchBackend.Auto,
            "inotify" => WatchBackend.Inotify,
            "poll" => WatchBackend.Poll,
            "fanotify" => throw new UsageException("--backend fanotify: not yet; use inotify, poll or auto"),
            _ => throw new UsageException($"--backend: unknown '{name}'{Suggestions.For(name, Backends)}"),
        };
    }

    private ColorChoice ReadColor()
    {
        string name = Value(command.Color) ?? "auto";
        return name.ToLowerInvariant() switch
        {
            "auto" => ColorChoice.Auto,
            "always" => ColorChoice.Always,
            "never" => ColorChoice.Never,
            _ => throw new UsageException($"--color: unknown '{name}'{Suggestions.For(name, Colors)}"),
        };
    }

    private string? ReadFormat()
    {
        string? format = Value(command.Format);
        return format is null || FormatPrinter.Check(format) is not { } problem
            ? format
            : throw new UsageException($"--format: {problem}");
    }

    private bool IsSet(Option option) => result.IsSet(option);

    private string? Value(Option option) =>
        result.GetResult(option) is { Tokens: [Token token, ..] } ? token.Value : null;

    private string[] Values(Symbol symbol)
    {
        IReadOnlyList<Token> tokens = result.GetResult(symbol)?.Tokens ?? [];
        string[] values = new string[tokens.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = tokens[i].Value;
        }

        return values;
    }

    // The words of a list with commas, given once or several times.
    private IEnumerable<string> Words(Option option)
    {
        foreach (string value in Values(option))
        {
            foreach (string word in value.Split(',', StringSplitOptions.TrimEntries))
            {
                yield return word.Length > 0
                    ? word
                    : throw new UsageException($"{option.Name}: an empty word in '{value}'");
            }
        }
    }
}
