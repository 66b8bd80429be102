using System.CommandLine;
using System.Text;
using Vigil.Cli.Watch;

namespace Vigil.Cli.Manual;

/// <summary>The manual page vigil(1) in the language of man(7), from the definitions of the commands.</summary>
internal static class ManualPage
{
    public static string Write(IReadOnlyList<VigilCommand> commands)
    {
        StringBuilder text = new();
        text.Append($".TH VIGIL 1 \"\" \"vigil {Program.Version}\" \"User Commands\"\n");
        text.Append(".SH NAME\n").Append($"vigil \\- {Escape(HelpText.Summary)}\n");
        text.Append(".SH SYNOPSIS\n.nf\n");
        foreach (VigilCommand command in commands)
        {
            foreach (string line in command.Usage.Split('\n'))
            {
                string usage = line.Trim();
                usage = usage.StartsWith("vigil ", StringComparison.Ordinal) ? usage : "vigil " + usage;
                text.Append(Escape(usage)).Append('\n');
            }
        }

        text.Append(".fi\n.SH DESCRIPTION\nStandard output is data, standard error is talk.\n.SH COMMANDS\n");
        foreach (VigilCommand command in commands)
        {
            text.Append($".SS \"vigil {command.Name}\"\n{Escape(command.Description!)}\n");
            foreach ((string name, string description) in command.Operands)
            {
                AppendItem(text, name, description);
            }

            foreach (OptionGroup group in command.Groups)
            {
                text.Append($".PP\n{Escape(group.Title)}:\n");
                foreach (Option option in group.Options)
                {
                    AppendItem(text, HelpText.Names(option), option.Description!);
                }
            }

            foreach (string note in command.Notes)
            {
                text.Append($".PP\n{Escape(note)}\n");
            }
        }

        text.Append(".SH EXIT STATUS\n");
        AppendItem(text, "0", "Stopped by SIGINT or SIGTERM, finished as asked, or nobody reads the output any more.");
        AppendItem(text, "1", "An error, told in one line on standard error.");
        AppendItem(text, "2", "Wrong usage, told with the nearest right one.");
        AppendItem(text, "3", "The time of --timeout is over.");
        text.Append(".PP\nWith --once and --exit-on-change, vigil run ends with the status of the command.\n");
        text.Append(".SH ENVIRONMENT\n");
        AppendItem(text, "NO_COLOR", "Where it is set and not empty, nothing is coloured.");
        AppendItem(text, "VIGIL_CHANGES", "Told to the command of vigil run: a file with the changes, as JSON Lines.");
        text.Append(".SH EXAMPLES\n.nf\n");
        foreach (string example in commands.SelectMany(static command => command.Examples))
        {
            text.Append(Escape(example)).Append('\n');
        }

        return text.Append(".fi\n").ToString();
    }

    private static void AppendItem(StringBuilder text, string name, string description) =>
        text.Append($".TP\n\\fB{Escape(name)}\\fR\n{Escape(description)}\n");

    // A hyphen that is to be copied is \-, and a line must not begin with a dot or a quote.
    private static string Escape(string text)
    {
        string escaped = text.Replace("\\", "\\e", StringComparison.Ordinal)
            .Replace("-", "\\-", StringComparison.Ordinal)
            .Replace("…", "...", StringComparison.Ordinal);
        return escaped.StartsWith('.') || escaped.StartsWith('\'') ? "\\&" + escaped : escaped;
    }
}
