using System.Buffers;
using System.Text;
using System.Text.Json;
using Vigil.Cli.Run.Settings;

namespace Vigil.Cli.Run.Config;

/// <summary>The JSON schema of vigil.yaml (draft 7), from the definitions of the settings.</summary>
internal static class ConfigSchema
{
    /// <summary>The text of the schema.</summary>
    public static string Write()
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "http://json-schema.org/draft-07/schema#");
            json.WriteString("title", "vigil.yaml");
            json.WriteString("description", "What `vigil run` watches and runs in this directory.");
            WriteSettings(json, KeyScope.Run);
            json.WriteStartObject("definitions");
            WriteCommands(json);
            json.WriteStartObject("command");
            json.WriteStartArray("anyOf");
            json.WriteStartObject();
            json.WriteString("type", "string");
            json.WriteEndObject();
            WriteTexts(json);
            json.WriteStartObject();
            WriteSettings(json, KeyScope.Command);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartObject("group");
            WriteSettings(json, KeyScope.Group);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan) + "\n";
    }

    private static void WriteCommands(Utf8JsonWriter json)
    {
        json.WriteStartObject("commands");
        json.WriteString("description", "What runs, one after the other.");
        json.WriteStartArray("anyOf");
        json.WriteStartObject();
        json.WriteString("type", "array");
        json.WriteNumber("minItems", 1);
        WriteReference(json, "items", "command");
        json.WriteEndObject();
        json.WriteStartObject();
        json.WriteString("type", "string");
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteSettings(Utf8JsonWriter json, KeyScope scope)
    {
        json.WriteString("type", "object");
        json.WriteBoolean("additionalProperties", false);
        json.WriteStartObject("properties");
        if (scope == KeyScope.Command)
        {
            json.WriteStartObject("command");
            json.WriteString("description", "A line, or a list of words.");
            WriteTextOrTexts(json);
            json.WriteEndObject();
        }
        else
        {
            WriteReference(json, "commands", "commands");
        }

        if (scope == KeyScope.Run)
        {
            json.WriteStartObject("groups");
            json.WriteString("description", "Groups by name, each with files and commands of its own.");
            json.WriteString("type", "object");
            WriteReference(json, "additionalProperties", "group");
            json.WriteEndObject();
        }

        foreach (RunKey key in RunKeys.At(scope))
        {
            WriteKey(json, key);
        }

        json.WriteEndObject();
    }

    private static void WriteKey(Utf8JsonWriter json, RunKey key)
    {
        json.WriteStartObject(key.Name);
        json.WriteString("description", $"{key.Help} Default: {key.Default}");
        switch (key.Shape)
        {
            case KeyShape.Flag:
                json.WriteString("type", "boolean");
                json.WriteBoolean("default", key.Default == "true");
                break;
            case KeyShape.List:
                WriteTextOrTexts(json);
                break;
            default:
                json.WriteStartArray("type");
                json.WriteStringValue("string");
                json.WriteStringValue("number");
                json.WriteStringValue("boolean");
                json.WriteEndArray();
                json.WriteString("default", key.Default);
                break;
        }

        if (key.Words.Length > 0)
        {
            json.WriteStartArray("examples");
            foreach (string word in key.Words)
            {
                json.WriteStringValue(word);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteReference(Utf8JsonWriter json, string name, string definition)
    {
        json.WriteStartObject(name);
        json.WriteString("$ref", "#/definitions/" + definition);
        json.WriteEndObject();
    }

    private static void WriteTextOrTexts(Utf8JsonWriter json)
    {
        json.WriteStartArray("anyOf");
        json.WriteStartObject();
        json.WriteString("type", "string");
        json.WriteEndObject();
        WriteTexts(json);
        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "array");
        json.WriteStartObject("items");
        json.WriteString("type", "string");
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
