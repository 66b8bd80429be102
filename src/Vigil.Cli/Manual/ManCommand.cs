using System.CommandLine;

namespace Vigil.Cli.Manual;

/// <summary>The definition of <c>vigil man</c>.</summary>
internal sealed class ManCommand(RootCommand root) : VigilCommand("man", "Print the manual page, for man(1).")
{
    public override string Usage => "man";

    public override IReadOnlyList<string> Examples =>
    [
        "vigil man | man -l -",
        "vigil man > vigil.1",
    ];

    public override int Execute(ParseResult result, IReadOnlyList<string>? behind) =>
        Program.Print(ManualPage.Write([.. root.Subcommands.OfType<VigilCommand>()]));
}
