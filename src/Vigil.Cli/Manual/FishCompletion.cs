using System.Text;

namespace Vigil.Cli.Manual;

/// <summary>Completion for fish, with what each option is for.</summary>
internal static class FishCompletion
{
    public static string Write(IReadOnlyList<VigilCommand> commands)
    {
        StringBuilder text = new();
        text.Append("# Completion of vigil for fish; made by `vigil completion fish`.\n");
        text.Append("complete -c vigil -f\n");
        foreach (VigilCommand command in commands)
        {
            text.Append($"complete -c vigil -n __fish_use_subcommand -a {command.Name} ");
            text.Append($"-d {Quote(command.Description!)}\n");
        }

        foreach (VigilCommand command in commands)
        {
            string when = $"complete -c vigil -n '__fish_seen_subcommand_from {command.Name}'";
            foreach (OptionFacts option in OptionFacts.Of(command))
            {
                text.Append(when).Append($" -l {option.Name[2..]}");
                text.Append(option.Letter is { } letter ? $" -s {letter[1]}" : string.Empty);
                text.Append(option switch
                {
                    { TakesValue: false } or { IsValueOptional: true } => string.Empty,
                    { IsFile: true } => " -r -F",
                    { Words.Count: > 0 } => $" -x -a {Quote(string.Join(' ', option.Words))}",
                    _ => " -x",
                });
                text.Append($" -d {Quote(option.Description)}\n");
            }

            if (command.TakesFiles)
            {
                text.Append(when).Append(" -F\n");
            }
            else if (command.Words.Count > 0)
            {
                text.Append(when).Append($" -a {Quote(string.Join(' ', command.Words))}\n");
            }
        }

        text.Append("complete -c vigil -n 'contains -- -- (commandline -opc)' -x ");
        text.Append("-a '(__fish_complete_subcommand --fcs-skip=0)'\n");
        return text.ToString();
    }

    private static string Quote(string text) =>
        "'" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'";
}
