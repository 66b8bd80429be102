using System.Text.Json;

namespace Vigil.Compare.Tools;

/// <summary><c>vigil watch --json</c>, and <c>vigil watch --raw --json</c>.</summary>
internal sealed class VigilTool(string program, bool raw) : Tool
{
    // The kernel's own names, as --raw --events takes them.
    private const string RawEvents = "IN_CREATE,IN_DELETE,IN_MODIFY,IN_CLOSE_WRITE,IN_MOVED_FROM,IN_MOVED_TO,IN_ATTRIB";

    public override string Key => raw ? "vigil-raw" : "vigil";

    public override string Title => raw ? "vigil watch --raw" : "vigil watch";

    public override string Program => program;

    public override string Version => Programs.FirstLine(program, "--version");

    public override bool IsRaw => raw;

    public override bool IsMirror => !raw;

    public override bool WatchesTrees => !raw;

    public override bool Serves(Purpose purpose) => !raw || purpose != Purpose.Loss;

    public override IReadOnlyList<string> Arguments(Purpose purpose, string path) =>
        raw ? ["watch", "--raw", "--json", "--events", RawEvents, path] : ["watch", "--json", path];

    public override bool IsReady(string line) => line.StartsWith('{') && KindIn(line) == "ready";

    public override bool TryParse(string line, string watched, out Observation observation)
    {
        observation = default;
        if (!line.StartsWith('{'))
        {
            return false;
        }

        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement change = document.RootElement;
        return raw ? TryParseRaw(change, line, out observation) : TryParseChange(change, line, out observation);
    }

    private static bool TryParseChange(JsonElement change, string line, out Observation observation)
    {
        string? kindName = Text(change, "kind");
        ObservedKind kind = kindName switch
        {
            "created" => ObservedKind.Created,
            "modified" => ObservedKind.Modified,
            "closed" => ObservedKind.Closed,
            "metadata" => ObservedKind.Metadata,
            "deleted" => ObservedKind.Deleted,
            "renamed" => ObservedKind.Renamed,
            "overflowed" => ObservedKind.Overflowed,
            "rescanned" => ObservedKind.Rescanned,
            "degraded" or "gone" => ObservedKind.Error,
            _ => ObservedKind.Other,
        };
        observation = new Observation(
            kind, Text(change, "path") ?? "", Text(change, "oldPath"), Text(change, "type") == "directory", line);
        return kindName is not (null or "ready");
    }

    private static bool TryParseRaw(JsonElement change, string line, out Observation observation)
    {
        observation = default;
        if (!change.TryGetProperty("mask", out JsonElement maskText))
        {
            return false;
        }

        uint mask = maskText.GetUInt32();
        string watch = Text(change, "watch") ?? "";
        string? name = Text(change, "name");
        string path = string.IsNullOrEmpty(name) ? watch : $"{watch}/{name}";
        observation = new Observation(
            InotifyBits.KindOf(mask), path, null, (mask & InotifyBits.IN_ISDIR) != 0, line);
        return true;
    }

    private static string? KindIn(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return Text(document.RootElement, "kind");
    }

    private static string? Text(JsonElement change, string property) =>
        change.TryGetProperty(property, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
