using System.CommandLine;
using System.CommandLine.Completions;

namespace Vigil.Cli.Manual;

/// <summary>What shells and readers need to know of an option.</summary>
internal sealed class OptionFacts
{
    private static readonly string[] Files = ["PATH", "FILE"];

    public OptionFacts(Option option)
    {
        Name = option.Name;
        Letter = option.Aliases.FirstOrDefault(HelpText.IsLetter);
        Description = option.Description ?? string.Empty;
        ValueName = option.HelpName;
        TakesValue = option.Arity.MaximumNumberOfValues > 0;
        IsValueOptional = TakesValue && option.Arity.MinimumNumberOfValues == 0;
        IsRepeatable = option.Arity.MaximumNumberOfValues > 1;
        Words = TakesValue
            ? [.. option.GetCompletions(CompletionContext.Empty).Select(static item => item.Label)]
            : [];
        IsFile = Files.Contains(ValueName);
    }

    public string Name { get; }

    public string? Letter { get; }

    public string Description { get; }

    public string? ValueName { get; }

    public bool TakesValue { get; }

    public bool IsValueOptional { get; }

    public bool IsRepeatable { get; }

    public IReadOnlyList<string> Words { get; }

    public bool IsFile { get; }

    /// <summary>The letter, if it has one, and the name.</summary>
    public IEnumerable<string> Spellings => Letter is null ? [Name] : [Letter, Name];

    /// <summary>The options of a command.</summary>
    public static IEnumerable<OptionFacts> Of(VigilCommand command) =>
        command.Groups.SelectMany(static group => group.Options).Select(static option => new OptionFacts(option));
}
