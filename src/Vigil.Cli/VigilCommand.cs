using System.CommandLine;
using Vigil.Cli.Watch;

namespace Vigil.Cli;

/// <summary>
/// A command of <c>vigil</c> with all that is told about it: the help, the manual page and the completion of shells
/// are made from this.
/// </summary>
internal abstract class VigilCommand(string name, string description) : Command(name, description)
{
    /// <summary>What is typed, behind <c>vigil</c>.</summary>
    public abstract string Usage { get; }

    /// <summary>What stands in the usage without being an option, with a sentence each.</summary>
    public virtual IReadOnlyList<(string Name, string Description)> Operands => [];

    /// <summary>The options as the help shows them; those that are not here are names from other tools.</summary>
    public virtual IReadOnlyList<OptionGroup> Groups => [];

    /// <summary>Sentences that follow the options, one a line.</summary>
    public virtual IReadOnlyList<string> Notes => [];

    /// <summary>Two examples.</summary>
    public abstract IReadOnlyList<string> Examples { get; }

    /// <summary>The words that stand alone in its place, for the completion.</summary>
    public virtual IReadOnlyList<string> Words => [];

    /// <summary>Whether its operands are files.</summary>
    public virtual bool TakesFiles => false;

    /// <summary>Does it.</summary>
    /// <param name="result">What was typed.</param>
    /// <param name="behind">What was typed behind <c>--</c>; null without one.</param>
    /// <returns>The exit status.</returns>
    public abstract int Execute(ParseResult result, IReadOnlyList<string>? behind);

    // Without an argument of its own: a bool would take a PATH called "true" for its value.
    protected static Option<bool> Flag(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, Arity = ArgumentArity.Zero };

    protected static Option<string> Valued(
        string name, string helpName, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = helpName, Arity = ArgumentArity.ExactlyOne };

    protected static Option<string[]> Repeated(
        string name, string helpName, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = helpName, Arity = ArgumentArity.OneOrMore };

    protected static T Of<T>(T option, params string[] words)
        where T : Option
    {
        option.CompletionSources.Add(words);
        return option;
    }
}
