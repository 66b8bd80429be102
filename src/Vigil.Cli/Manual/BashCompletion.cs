using System.Text;

namespace Vigil.Cli.Manual;

/// <summary>Completion for bash, which works without the package bash-completion.</summary>
internal static class BashCompletion
{
    public static string Write(IReadOnlyList<VigilCommand> commands)
    {
        StringBuilder text = new();
        text.Append("# Completion of vigil for bash; made by `vigil completion bash`.\n");
        text.Append("_vigil() {\n");
        text.Append("    local word=${COMP_WORDS[COMP_CWORD]} before='' command=${COMP_WORDS[1]:-} i\n");
        text.Append("    ((COMP_CWORD > 0)) && before=${COMP_WORDS[COMP_CWORD - 1]}\n");
        text.Append("    COMPREPLY=()\n");
        text.Append("    if ((COMP_CWORD == 1)); then\n");
        string names = string.Join(' ', commands.Select(static command => command.Name));
        text.Append($"        COMPREPLY=($(compgen -W '{names} --help --version' -- \"$word\"))\n");
        text.Append("        return\n    fi\n");
        text.Append("    for ((i = 2; i < COMP_CWORD; i++)); do\n");
        text.Append("        if [[ ${COMP_WORDS[i]} == -- && $command == run ]]; then\n");
        text.Append("            if ((i == COMP_CWORD - 1)); then\n");
        text.Append("                COMPREPLY=($(compgen -c -- \"$word\"))\n");
        text.Append("            else\n                COMPREPLY=($(compgen -f -- \"$word\"))\n            fi\n");
        text.Append("            return\n        fi\n    done\n");
        text.Append("    case $command in\n");
        foreach (VigilCommand command in commands)
        {
            Append(text, command);
        }

        text.Append("    esac\n}\n");
        text.Append("complete -o filenames -o bashdefault -F _vigil vigil\n");
        return text.ToString();
    }

    private static void Append(StringBuilder text, VigilCommand command)
    {
        List<OptionFacts> options = [.. OptionFacts.Of(command)];
        text.Append($"    {command.Name})\n        case $before in\n");
        foreach (OptionFacts option in options.Where(static option => option.TakesValue && !option.IsValueOptional))
        {
            string reply = option.IsFile
                ? "compgen -f -- \"$word\""
                : $"compgen -W '{string.Join(' ', option.Words)}' -- \"$word\"";
            text.Append($"        {string.Join(" | ", option.Spellings)})\n");
            text.Append($"            COMPREPLY=($({reply}))\n            return\n            ;;\n");
        }

        string all = string.Join(' ', options.SelectMany(static option => option.Spellings));
        text.Append("        esac\n        if [[ $word == -* ]]; then\n");
        text.Append($"            COMPREPLY=($(compgen -W '{all} --help' -- \"$word\"))\n");
        if (command.TakesFiles)
        {
            text.Append("        else\n            COMPREPLY=($(compgen -f -- \"$word\"))\n");
        }
        else if (command.Words.Count > 0)
        {
            text.Append($"        else\n            COMPREPLY=($(compgen -W '{string.Join(' ', command.Words)}' ");
            text.Append("-- \"$word\"))\n");
        }

        text.Append("        fi\n        ;;\n");
    }
}
