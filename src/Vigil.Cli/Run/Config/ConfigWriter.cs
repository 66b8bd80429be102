using System.Text;
using Vigil.Cli.Run.Settings;

namespace Vigil.Cli.Run.Config;

/// <summary>Writes a vigil.yaml with every setting at its default and a comment each.</summary>
internal static class ConfigWriter
{
    /// <summary>The name of the schema beside it, for editors.</summary>
    public const string SchemaName = "vigil.schema.json";

    /// <summary>The text of the file.</summary>
    public static string Write()
    {
        StringBuilder text = new();
        text.Append($"# yaml-language-server: $schema={SchemaName}\n");
        text.Append("# `vigil run` in this directory does what stands here; what is typed wins.\n");
        text.Append("# A TIME is 50ms, 2s or 1m.\n\n");
        text.Append("# What runs, one after the other: a line, a list of words, or settings of its own.\n");
        text.Append("commands:\n");
        text.Append("  - echo changed {relative}\n");
        text.Append("#  - command: [make, test]\n");
        foreach (RunKey key in RunKeys.At(KeyScope.Command))
        {
            text.Append($"#    {key.Name}: {key.Default}\n");
        }

        text.Append("\n# Or several groups, each with files and commands of its own, in place of commands:\n");
        text.Append("# groups:\n#   tests:\n#     include: [\"*.cs\"]\n#     commands: [dotnet test]\n");
        text.Append("#   styles:\n#     include: [\"*.css\"]\n#     commands: [npm run build]\n");
        foreach (RunKeySection section in RunKeys.Sections)
        {
            text.Append($"\n## {section.Title}\n");
            foreach (RunKey key in section.Keys)
            {
                text.Append($"\n# {key.Help}\n{key.Name}: {key.Default}\n");
            }
        }

        return text.ToString();
    }
}
