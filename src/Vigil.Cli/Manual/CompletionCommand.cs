using System.CommandLine;

namespace Vigil.Cli.Manual;

/// <summary>The definition of <c>vigil completion</c>.</summary>
internal sealed class CompletionCommand : VigilCommand
{
    private readonly RootCommand _root;
    private readonly Argument<string[]> _shell = new("SHELL") { Arity = ArgumentArity.ZeroOrMore };

    public CompletionCommand(RootCommand root)
        : base("completion", "Print what makes a shell complete vigil's commands and options.")
    {
        _root = root;
        Arguments.Add(_shell);
    }

    public override string Usage => "completion SHELL";

    public override IReadOnlyList<(string Name, string Description)> Operands => [("SHELL", "bash, zsh or fish.")];

    public override IReadOnlyList<string> Words => ["bash", "zsh", "fish"];

    public override IReadOnlyList<string> Examples =>
    [
        "source <(vigil completion bash)",
        "vigil completion fish > ~/.config/fish/completions/vigil.fish",
    ];

    public override int Execute(ParseResult result, IReadOnlyList<string>? behind)
    {
        string[] shells = [.. (result.GetResult(_shell)?.Tokens ?? []).Select(static token => token.Value)];
        if (shells is not [string shell])
        {
            throw new UsageException("completion: name one shell: bash, zsh or fish");
        }

        List<VigilCommand> commands = [.. _root.Subcommands.OfType<VigilCommand>()];
        return Program.Print(shell switch
        {
            "bash" => BashCompletion.Write(commands),
            "zsh" => ZshCompletion.Write(commands),
            "fish" => FishCompletion.Write(commands),
            _ => throw new UsageException($"completion: unknown shell '{shell}'{Suggestions.For(shell, Words)}"),
        });
    }
}
