using System.CommandLine;
using System.CommandLine.Parsing;

namespace Vigil.Cli.Parsing;

/// <summary>
/// Finds what is wrong with a command line as a whole, and says it in one line with the nearest right one.
/// </summary>
internal static class CommandLineErrors
{
    /// <summary>Throws for the first thing that is wrong.</summary>
    /// <param name="args">What was typed.</param>
    /// <param name="result">What the parser made of it.</param>
    /// <exception cref="UsageException">Something is.</exception>
    public static void Check(string[] args, ParseResult result)
    {
        Command command = result.CommandResult.Command;
        CheckOptions(args, command, result.RootCommandResult.Command);
        if (command is RootCommand)
        {
            List<string> commands = [.. command.Subcommands.Select(static c => c.Name)];
            if (result.UnmatchedTokens is [string known, ..] && commands.Contains(known))
            {
                throw new UsageException($"'{known}' comes before --: vigil {known} -- …");
            }

            throw new UsageException(result.UnmatchedTokens is [string word, ..]
                ? $"unknown command '{word}'{Suggestions.For(word, commands)}"
                : $"a command is missing; known are {string.Join(", ", commands)}");
        }

        foreach (ParseError error in result.Errors)
        {
            if (error.SymbolResult is not OptionResult { Option: { } wrong } found)
            {
                throw new UsageException(OneLine(error.Message));
            }

            throw new UsageException(found.Tokens.Count == 0
                ? $"{wrong.Name} needs a value: {wrong.Name} {wrong.HelpName}"
                : found.Tokens.Count > 1
                    ? $"{wrong.Name} is given {found.Tokens.Count} times; once is enough"
                    : $"{wrong.Name}: {OneLine(error.Message)}");
        }
    }

    // The parser takes a word that looks like an option, and is none, for an argument; a person did not mean that.
    private static void CheckOptions(string[] args, Command command, Command root)
    {
        Dictionary<string, Option> known = [];
        foreach (Option option in root.Options.Concat(command.Options))
        {
            known[option.Name] = option;
            foreach (string alias in option.Aliases)
            {
                known[alias] = option;
            }
        }

        bool isValue = false;
        foreach (string arg in args)
        {
            if (isValue || arg.Length < 2 || arg[0] != '-')
            {
                isValue = false;
            }
            else if (arg == "--")
            {
                return;
            }
            else
            {
                isValue = arg[1] == '-' || known.ContainsKey(arg)
                    ? CheckLong(arg, known, command)
                    : CheckBundle(arg, known, command);
            }
        }
    }

    // Whether the next word is the value.
    private static bool CheckLong(string arg, Dictionary<string, Option> known, Command command)
    {
        int end = arg.AsSpan().IndexOfAny('=', ':');
        string name = end > 0 ? arg[..end] : arg;
        if (!known.TryGetValue(name, out Option? option))
        {
            throw Unknown(name, command);
        }

        bool takesValue = option.Arity.MaximumNumberOfValues > 0;
        return end < 0
            ? takesValue
            : takesValue
                ? false
                : throw new UsageException($"{name} takes no value; write {name} alone");
    }

    // Several letters behind one dash: flags, and at most one option with a value, as the last.
    private static bool CheckBundle(string arg, Dictionary<string, Option> known, Command command)
    {
        for (int i = 1; i < arg.Length; i++)
        {
            if (!known.TryGetValue($"-{arg[i]}", out Option? option))
            {
                throw Unknown(i == 1 ? arg : $"-{arg[i]}", command);
            }

            if (option.Arity.MaximumNumberOfValues > 0)
            {
                return i == arg.Length - 1;
            }
        }

        return false;
    }

    private static UsageException Unknown(string option, Command command)
    {
        string help = command is RootCommand ? "vigil --help" : $"vigil {command.Name} --help";
        List<string> names = [.. command.Options.Select(static o => o.Name)];
        string nearest = Suggestions.For(option, names, listOtherwise: false);
        return new UsageException($"unknown option '{option}'{(nearest.Length > 0 ? nearest : $"; see {help}")}");
    }

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
}
