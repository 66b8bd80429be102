using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Vigil.Cli.Printing;
using Vigil.Platform;

namespace Vigil.Cli.Run.Changes;

/// <summary>The changes of a run as lines: JSON with the fields of <c>vigil watch --json</c>, or paths.</summary>
internal static class ChangeLines
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>JSON Lines.</summary>
    public static byte[] Json(IReadOnlyList<RunChange> changes)
    {
        ArrayBufferWriter<byte> bytes = new();
        using Utf8JsonWriter json = new(bytes, Options);
        for (int i = 0; i < changes.Count; i++)
        {
            RunChange change = changes[i];
            json.WriteStartObject();
            json.WriteString("kind", KindNames.Of(change.Kind));
            WritePath(json, "path", "pathBytes", change.Path);
            if (change.OldPath is { } old)
            {
                WritePath(json, "oldPath", "oldPathBytes", old);
            }

            if (KindNames.Of(change.Type) is { IsEmpty: false } type)
            {
                json.WriteString("type", type);
            }

            json.WriteNumber("seq", i + 1);
            json.WriteString("time", change.Time.ToString(TimeFormat, CultureInfo.InvariantCulture));
            json.WriteEndObject();
            json.Flush();
            bytes.Write("\n"u8);
            json.Reset();
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>The paths, one a line, as they are.</summary>
    public static byte[] Paths(IReadOnlyList<RunChange> changes)
    {
        ArrayBufferWriter<byte> bytes = new();
        foreach (RunChange change in changes)
        {
            bytes.Write(PathText.ToBytes(change.Path));
            bytes.Write("\n"u8);
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static void WritePath(Utf8JsonWriter json, string field, string bytesField, string path)
    {
        byte[] bytes = PathText.ToBytes(path);
        json.WriteString(field, Encoding.UTF8.GetString(bytes));
        if (!Utf8.IsValid(bytes))
        {
            json.WriteBase64String(bytesField, bytes);
        }
    }
}
