namespace Vigil.Compare.Tools;

/// <summary>inotifywait of inotify-tools, as users start it, or with the same events as the others.</summary>
internal sealed class InotifyWaitTool(bool commonEvents) : Tool
{
    public override string Key => commonEvents ? "inotifywait-same" : "inotifywait";

    public override string Title => commonEvents ? "inotifywait, same events" : "inotifywait";

    public override string Program { get; } = Programs.Find("inotifywait");

    public override string Version => Programs.FirstLine(Program, "--help");

    public override bool IsRaw => true;

    public override bool Serves(Purpose purpose) => purpose == Purpose.Loss || !commonEvents;

    public override IReadOnlyList<string> Arguments(Purpose purpose, string path)
    {
        List<string> arguments = ["-m", "--format", "%e|%w%f"];
        if (purpose != Purpose.Cpu)
        {
            arguments.Add("-r");
        }

        // The loss table shows the tool as it is usually started: with all events. Costs are compared like for like.
        if (commonEvents || purpose != Purpose.Loss)
        {
            arguments.AddRange(["-e", CommonEvents]);
        }

        arguments.Add(path);
        return arguments;
    }

    public override bool IsReady(string line) => line == "Watches established.";

    public override bool TryParse(string line, string watched, out Observation observation)
    {
        observation = default;
        int bar = line.IndexOf('|');
        if (bar <= 0)
        {
            return false;
        }

        ReadOnlySpan<char> flags = line.AsSpan(0, bar);
        string path = line[(bar + 1)..].TrimEnd('/');
        bool isDirectory = flags.Contains("ISDIR", StringComparison.Ordinal);
        observation = new Observation(KindOf(flags), path, null, isDirectory, line);
        return true;
    }

    private static ObservedKind KindOf(ReadOnlySpan<char> flags)
    {
        if (flags.IndexOf(',') is int comma and > 0)
        {
            // "CREATE,ISDIR"; and a close is "CLOSE_WRITE,CLOSE".
            flags = flags[..comma];
        }

        return flags switch
        {
            "CREATE" => ObservedKind.Created,
            "MODIFY" => ObservedKind.Modified,
            "CLOSE_WRITE" => ObservedKind.Closed,
            "ATTRIB" => ObservedKind.Metadata,
            "DELETE" => ObservedKind.Deleted,
            "MOVED_FROM" => ObservedKind.MovedFrom,
            "MOVED_TO" => ObservedKind.MovedTo,
            "Q_OVERFLOW" => ObservedKind.Overflowed,
            _ => ObservedKind.Other,
        };
    }
}
