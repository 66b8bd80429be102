using System.CommandLine;
using System.Text;
using Vigil.Cli.Watch;

namespace Vigil.Cli;

/// <summary>The help of each command, from its definition, with two examples at the end.</summary>
internal static class HelpText
{
    private const int NameColumns = 24;

    /// <summary>What the whole command is.</summary>
    public const string Summary = "tells what changes in file trees, and loses nothing";

    /// <summary>The help of <c>vigil</c>.</summary>
    public static string OfRoot(RootCommand root)
    {
        StringBuilder text = new();
        text.Append($"vigil: {Summary}.\n\n");
        text.Append("Usage: vigil COMMAND [OPTIONS]\n\nCommands:\n");
        foreach (Command command in root.Subcommands)
        {
            AppendRow(text, command.Name, command.Description);
        }

        text.Append("\nOptions:\n");
        AppendRow(text, "--help", "Show this, or with a command the help of the command.");
        AppendRow(text, "--version", "Show the version.");
        text.Append("\nExamples:\n");
        text.Append("  vigil watch .                      every change below the current directory\n");
        text.Append("  vigil run -- make test             the tests, now and at every change\n");
        return text.ToString();
    }

    /// <summary>The help of a command.</summary>
    public static string Of(VigilCommand command)
    {
        StringBuilder text = new();
        text.Append(command.Description).Append($"\n\nUsage: vigil {command.Usage}\n");
        if (command.Operands.Count > 0)
        {
            text.Append('\n');
        }

        foreach ((string name, string description) in command.Operands)
        {
            AppendRow(text, name, description);
        }

        foreach (OptionGroup group in command.Groups)
        {
            text.Append('\n').Append(group.Title).Append(":\n");
            foreach (Option option in group.Options)
            {
                AppendRow(text, Names(option), option.Description);
            }
        }

        if (command.Notes.Count > 0)
        {
            text.Append('\n').AppendJoin('\n', command.Notes).Append('\n');
        }

        text.Append("\nExamples:\n");
        foreach (string example in command.Examples)
        {
            text.Append("  ").Append(example).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The letter and the name of an option with what stands for its value; names of other tools are left
    /// out.</summary>
    public static string Names(Option option)
    {
        StringBuilder names = new(option.Name);
        foreach (string alias in option.Aliases.Where(IsLetter))
        {
            names.Insert(0, alias + ", ");
        }

        return option.HelpName is null ? names.ToString() : names.Append(' ').Append(option.HelpName).ToString();
    }

    /// <summary>Whether a name of an option is a single letter.</summary>
    public static bool IsLetter(string name) => name.Length == 2;

    private static void AppendRow(StringBuilder text, string name, string? description) =>
        text.Append("  ").Append(name.PadRight(NameColumns)).Append("  ").Append(description).Append('\n');
}
