using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vigil.Compare.Report;

/// <summary>Writes results: raw numbers as JSON, tables as Markdown, which are also shown.</summary>
internal static class Output
{
    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static void Write(Settings settings, string name, object raw, IReadOnlyList<string> markdown)
    {
        WriteText(settings, $"{name}.json", JsonSerializer.Serialize(raw, JsonOptions));
        WriteText(settings, $"{name}.md", string.Join('\n', markdown));
        Console.WriteLine(string.Join('\n', markdown));
        Console.Error.WriteLine($"written to {settings.ResultsFolder}: {name}.json, {name}.md");
    }

    public static void WriteText(Settings settings, string file, string text)
    {
        // Where somebody's machine keeps its temporary folders does not belong in a result.
        foreach (string parent in settings.Parents)
        {
            text = text.Replace(parent + "/", "", StringComparison.Ordinal);
        }

        Directory.CreateDirectory(settings.ResultsFolder);
        File.WriteAllText(Path.Combine(settings.ResultsFolder, file), text + "\n");
    }
}
