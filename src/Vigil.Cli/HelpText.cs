using System.CommandLine;
using System.Text;
using Vigil.Cli.Watch;

namespace Vigil.Cli;

/// <summary>The help of each command, from the definitions of its options, with two examples at the end.</summary>
internal static class HelpText
{
    private const int NameColumns = 24;

    /// <summary>The help of <c>vigil</c>.</summary>
    public static string OfRoot(RootCommand root)
    {
        StringBuilder text = new();
        text.Append("vigil: tells what changes in file trees, and loses nothing.\n\n");
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
        text.Append("  vigil watch --help                 all about watching\n");
        return text.ToString();
    }

    /// <summary>The help of <c>vigil watch</c>.</summary>
    public static string OfWatch(WatchCommand command)
    {
        StringBuilder text = new();
        text.Append(command.Description).Append("\n\nUsage: vigil watch [OPTIONS] PATH...\n\n");
        AppendRow(text, "PATH", command.Paths.Description);
        foreach (OptionGroup group in command.Groups)
        {
            text.Append('\n').Append(group.Title).Append(":\n");
            foreach (Option option in group.Options)
            {
                AppendRow(text, Names(option), option.Description);
            }
        }

        text.Append("\nA TIME is a number and a unit: 50ms, 2s, 1.5s, 1m. A bare number is seconds.\n");
        text.Append("Status: 0 stopped or finished, 1 an error, 2 wrong usage, 3 the time of --timeout is over.\n");
        text.Append("\nExamples:\n");
        text.Append("  vigil watch --gitignore --settle 50ms src\n");
        text.Append("  vigil watch --json --events created,renamed --count 1 --timeout 10s inbox\n");
        return text.ToString();
    }

    private static string Names(Option option)
    {
        StringBuilder names = new(option.Name);
        foreach (string alias in option.Aliases)
        {
            names.Insert(0, alias + ", ");
        }

        return option.HelpName is null ? names.ToString() : names.Append(' ').Append(option.HelpName).ToString();
    }

    private static void AppendRow(StringBuilder text, string name, string? description) =>
        text.Append("  ").Append(name.PadRight(NameColumns)).Append("  ").Append(description).Append('\n');
}
