using System.Text;

namespace Vigil.Cli.Manual;

/// <summary>Completion for zsh, with what each option is for.</summary>
internal static class ZshCompletion
{
    public static string Write(IReadOnlyList<VigilCommand> commands)
    {
        StringBuilder text = new();
        text.Append("#compdef vigil\n# Completion of vigil for zsh; made by `vigil completion zsh`.\n");
        text.Append("_vigil() {\n    local context state state_descr line\n    typeset -A opt_args\n");
        text.Append("    local -a commands\n    commands=(\n");
        foreach (VigilCommand command in commands)
        {
            text.Append($"        {Quote($"{command.Name}:{command.Description}")}\n");
        }

        text.Append("    )\n    if ((CURRENT == 2)); then\n        _describe command commands\n");
        text.Append("        return\n    fi\n");
        text.Append("    local command=${words[2]}\n    shift words\n    ((CURRENT--))\n    case $command in\n");
        foreach (VigilCommand command in commands)
        {
            text.Append($"    {command.Name})\n        _arguments -S");
            foreach (OptionFacts option in OptionFacts.Of(command))
            {
                foreach (string spelling in option.Spellings)
                {
                    text.Append($" \\\n            {Quote(Specification(option, spelling))}");
                }
            }

            text.Append($" \\\n            {Quote("--help[Show the help.]")}");
            text.Append(Rest(command)).Append("\n        ;;\n");
        }

        text.Append("    esac\n}\n");
        text.Append("if [[ ${funcstack[1]:-} == _vigil ]]; then\n    _vigil \"$@\"\n");
        text.Append("else\n    compdef _vigil vigil\nfi\n");
        return text.ToString();
    }

    private static string Rest(VigilCommand command)
    {
        string line = " \\\n            ";
        return command.Name == Run.RunCommand.CommandName
            ? line + Quote("*::command:_normal")
            : command.TakesFiles
                ? line + Quote("*:file:_files")
                : command.Words.Count > 0
                    ? line + Quote($"1:word:({string.Join(' ', command.Words)})")
                    : string.Empty;
    }

    private static string Specification(OptionFacts option, string spelling)
    {
        string description = option.Description.Replace("[", "\\[", StringComparison.Ordinal)
            .Replace("]", "\\]", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal);
        string repeat = option.IsRepeatable ? "*" : string.Empty;
        string value = option switch
        {
            { TakesValue: false } or { IsValueOptional: true } => string.Empty,
            { IsFile: true } => $":{option.ValueName}:_files",
            { Words.Count: > 0 } => $":{option.ValueName}:({string.Join(' ', option.Words)})",
            _ => $":{option.ValueName}: ",
        };
        return $"{repeat}{spelling}[{description}]{value}";
    }

    private static string Quote(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
