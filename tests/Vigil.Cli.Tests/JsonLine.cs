using System.Text.Json;

namespace Vigil.Cli.Tests;

/// <summary>The lines of <c>--json</c>, held to the table of fields in docs/command.md.</summary>
internal static class JsonLine
{
    private static readonly string[] Change = ["kind", "path", "type", "seq", "time"];

    private static readonly Dictionary<string, string[]> Fields = new()
    {
        ["ready"] = ["kind", "seq", "time", "directories", "entries", "elapsedMs", "backend"],
        ["created"] = Change,
        ["modified"] = Change,
        ["closed"] = Change,
        ["metadata"] = Change,
        ["deleted"] = Change,
        ["renamed"] = ["kind", "path", "oldPath", "type", "seq", "time"],
        ["overflowed"] = ["kind", "seq", "time", "reason"],
        ["rescanned"] = ["kind", "seq", "time"],
        ["degraded"] = ["kind", "path", "seq", "time", "reason", "pollMs"],
        ["gone"] = ["kind", "path", "seq", "time", "reason"],
    };

    /// <summary>Parses a whole stream: every line has exactly its fields, and no number is left out.</summary>
    /// <param name="lines">The lines of the run.</param>
    internal static JsonElement[] ParseAll(IReadOnlyList<string> lines)
    {
        JsonElement[] changes = [.. lines.Select(static line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal("ready", Kind(changes[0]));
        Assert.All(changes.Index(), static change =>
        {
            Assert.Equal(
                Fields[Kind(change.Item)], change.Item.EnumerateObject().Select(static field => field.Name));
            Assert.Equal(change.Index + 1, change.Item.GetProperty("seq").GetInt64());
            Assert.Matches(
                @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", change.Item.GetProperty("time").GetString());
        });
        return changes;
    }

    /// <summary>Kind, type and name, such as <c>created directory d</c>.</summary>
    internal static string Summary(JsonElement change) => string.Join(
        ' ',
        new[]
        {
            Kind(change),
            change.TryGetProperty("type", out JsonElement type) ? type.GetString() : null,
            change.TryGetProperty("path", out JsonElement path) ? Path.GetFileName(path.GetString()) : null,
        }.OfType<string>());

    internal static string Kind(JsonElement change) => change.GetProperty("kind").GetString()!;
}
