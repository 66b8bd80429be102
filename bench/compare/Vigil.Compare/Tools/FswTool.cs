namespace Vigil.Compare.Tools;

/// <summary>The small program over .NET's FileSystemWatcher, in bench/compare/FswPeer.</summary>
internal sealed class FswTool(string program) : Tool
{
    public override string Key => "fsw";

    public override string Title => "FileSystemWatcher";

    public override string Program => program;

    public override string Version => $".NET {Environment.Version}";

    public override bool Serves(Purpose purpose) => true;

    public override IReadOnlyList<string> Arguments(Purpose purpose, string path) =>
        // Gathered output costs it least; a pipe is read for latency, so there every line goes out at once.
        [path, purpose == Purpose.Prompt ? "0" : "20"];

    public override bool IsReady(string line) => line.StartsWith("ready\t", StringComparison.Ordinal);

    public override bool TryParse(string line, string watched, out Observation observation)
    {
        observation = default;
        string[] fields = line.Split('\t');
        if (fields.Length < 2 || fields[0] == "ready")
        {
            return false;
        }

        ObservedKind kind = fields[0] switch
        {
            "Created" => ObservedKind.Created,
            "Changed" => ObservedKind.Modified,
            "Deleted" => ObservedKind.Deleted,
            "Renamed" => ObservedKind.Renamed,
            "Error" => ObservedKind.Error,
            _ => ObservedKind.Other,
        };
        observation = kind == ObservedKind.Error
            ? new Observation(kind, "", Text: fields[1])
            : new Observation(kind, fields[1], fields.Length > 2 ? fields[2] : null, Text: line);
        return true;
    }
}
