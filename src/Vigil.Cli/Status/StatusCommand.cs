using System.CommandLine;
using Vigil.Bus;
using Vigil.Cli.Buses;
using Vigil.Cli.Parsing;
using Vigil.Cli.Watch;

namespace Vigil.Cli.Status;

/// <summary>The definition of <c>vigil status</c>.</summary>
internal sealed class StatusCommand : BusCommand
{
    private readonly Option<bool> _json = Flag("--json", "Print one JSON object.");

    public StatusCommand()
        : base("status", "Print what the server watches, for whom, and what that costs.") => Add(Groups);

    public override string Usage => "status [OPTIONS]";

    public override IReadOnlyList<OptionGroup> Groups =>
        [new("How it is printed", [_json]), new("Where the server is", [Socket, TrustUser])];

    public override IReadOnlyList<string> Examples => ["vigil status", "vigil status --json | jq .trees[].root"];

    protected override int Execute(ParseResult result)
    {
        using SessionEnd end = new(timeout: null, takesSignals: false);
        if (WaitFor(AskAsync(QuestionOptions(result), end.Token), end) is not { } status)
        {
            return end.Status;
        }

        return Program.Print(result.IsSet(_json) ? status.ToJson() + "\n" : StatusText.Of(status));
    }

    private static async Task<BusStatus> AskAsync(BusClientOptions bus, CancellationToken cancellation)
    {
        await using BusClient client = await BusClient.ConnectAsync(bus, cancellation).ConfigureAwait(false);
        return await client.StatusAsync(cancellation).ConfigureAwait(false);
    }
}
