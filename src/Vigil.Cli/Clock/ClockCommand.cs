using System.CommandLine;
using Vigil.Bus;
using Vigil.Cli.Buses;
using Vigil.Cli.Parsing;
using Vigil.Cli.Watch;
using Vigil.Watching;

namespace Vigil.Cli.Clock;

/// <summary>The definition of <c>vigil clock</c>.</summary>
internal sealed class ClockCommand : BusCommand
{
    private readonly Argument<string[]> _path = new("PATH") { Arity = ArgumentArity.ZeroOrMore };

    public ClockCommand()
        : base("clock", "Print where the history of a tree is now, for `vigil since`.")
    {
        Arguments.Add(_path);
        Add(Groups);
    }

    public override string Usage => "clock [OPTIONS] PATH";

    public override IReadOnlyList<(string Name, string Description)> Operands =>
        [("PATH", "The root of the tree; it is watched from now on, until the grace of the server is over.")];

    public override IReadOnlyList<OptionGroup> Groups =>
        [new("Where the server is", [Socket, TrustUser, AnswerTimeout])];

    public override bool TakesFiles => true;

    public override IReadOnlyList<string> Examples =>
        ["at=$(vigil clock src); make; vigil since \"$at\" src", "vigil clock --socket /run/vigil/bus.sock /srv/data"];

    protected override int Execute(ParseResult result)
    {
        if (Values(result, _path) is not [{ Length: > 0 } path])
        {
            throw new UsageException("clock: one PATH is needed: vigil clock .");
        }

        using SessionEnd end = new(timeout: null, takesSignals: false);
        return WaitFor(AskAsync(result, path, end.Token), end) is { } text
            ? Program.Print(text + "\n")
            : end.Status;
    }

    private async Task<string> AskAsync(ParseResult result, string path, CancellationToken cancellation)
    {
        await using BusClient client = await BusClient.ConnectAsync(
            QuestionOptions(result), cancellation).ConfigureAwait(false);
        ChangePosition position = await client.ClockAsync(path, cancellation).ConfigureAwait(false);
        return position.ToString();
    }
}
