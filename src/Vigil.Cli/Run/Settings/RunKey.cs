using System.CommandLine;

namespace Vigil.Cli.Run.Settings;

/// <summary>
/// One setting of <c>vigil run</c>: from this come its option, its key in vigil.yaml, what <c>vigil init</c> writes of
/// it, and its place in the schema.
/// </summary>
/// <param name="Name">The key in vigil.yaml.</param>
/// <param name="Shape">The shape of its value.</param>
/// <param name="Scope">The narrowest place where it can be said.</param>
/// <param name="Default">The default, as vigil.yaml has it.</param>
/// <param name="Help">One sentence for the help, the manual page and vigil.yaml.</param>
/// <param name="Set">Takes the text of the value in; throws a <see cref="UsageException"/>.</param>
internal sealed record RunKey(
    string Name, KeyShape Shape, KeyScope Scope, string Default, string Help, Action<RunSettings, string> Set)
{
    /// <summary>What stands for the value in the help.</summary>
    public string? ValueName { get; init; }

    /// <summary>Its letter as an option.</summary>
    public string? Letter { get; init; }

    /// <summary>Its name as an option, where it is not made from <see cref="Name"/>.</summary>
    public string? OptionName { get; init; }

    /// <summary>The words that it takes, if they are few.</summary>
    public string[] Words { get; init; } = [];

    /// <summary>Names from other tools that mean the same.</summary>
    public string[] OtherNames { get; init; } = [];

    /// <summary>Whether a list of words may be written with commas.</summary>
    public bool HasCommas { get; init; }

    /// <summary>Whether the option may stand without a value, and then means <c>true</c>.</summary>
    public bool IsValueOptional { get; init; }

    /// <summary>Its name as an option: <c>--no-…</c> for a flag that is true by default.</summary>
    public string LongOption =>
        OptionName ?? (Shape == KeyShape.Flag && Default == "true" ? "--no-" : "--") + Kebab(Name);

    /// <summary>The option, from this definition.</summary>
    public Option CreateOption()
    {
        string[] aliases = [.. Letter is null ? [] : new[] { Letter }, .. OtherNames.Select(static n => "--" + n)];
        string description = Shape == KeyShape.Flag && Default == "true" ? NegatedHelp ?? Help : Help;
        Option option = Shape switch
        {
            KeyShape.Flag => new Option<bool>(LongOption, aliases) { Arity = ArgumentArity.Zero },
            KeyShape.Text => new Option<string>(LongOption, aliases)
            {
                Arity = IsValueOptional ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
                HelpName = IsValueOptional ? $"[{ValueName}]" : ValueName,
            },
            _ => new Option<string[]>(LongOption, aliases) { Arity = ArgumentArity.OneOrMore, HelpName = ValueName },
        };
        option.Description = description;
        if (Words.Length > 0 && option is Option<string> text)
        {
            text.CompletionSources.Add(Words);
        }

        return option;
    }

    /// <summary>The help of the option that switches it off.</summary>
    public string? NegatedHelp { get; init; }

    /// <summary>Whether a key of vigil.yaml means this: case and hyphens do not matter.</summary>
    public bool IsNamed(string key) =>
        Bare(key) == Bare(Name) || OtherNames.Any(other => Bare(key) == Bare(other));

    private static string Bare(string key) => key.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    private static string Kebab(string name) =>
        string.Concat(name.Select(static c => char.IsUpper(c) ? "-" + char.ToLowerInvariant(c) : c.ToString()));
}
