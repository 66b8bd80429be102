using System.CommandLine;
using Vigil.Bus;
using Vigil.Cli.Buses;
using Vigil.Cli.Parsing;
using Vigil.Cli.Subscribe;
using Vigil.Cli.Watch;
using Vigil.Watching;

namespace Vigil.Cli.Since;

/// <summary>The definition of <c>vigil since</c>.</summary>
internal sealed class SinceCommand : BusCommand
{
    private readonly WatchCommand _watch = new();

    public SinceCommand()
        : base("since", "Print what has changed in a tree since a position, and end.")
    {
        Arguments.Add(_watch.Paths);
        Add(Groups);
    }

    public override string Usage => "since [OPTIONS] POSITION PATH";

    public override IReadOnlyList<(string Name, string Description)> Operands =>
    [
        ("POSITION", "From vigil clock, or from \"position\" of a change."),
        ("PATH", "The root of the tree."),
    ];

    public override IReadOnlyList<OptionGroup> Groups =>
    [
        new("What is told", [_watch.Events, _watch.Include, _watch.Exclude]),
        new("How it is printed", [_watch.Json, _watch.Null, _watch.Relative, _watch.Color, _watch.Quiet]),
        new("Where the server is", [Socket, TrustUser, AnswerTimeout]),
    ];

    public override IReadOnlyList<string> Notes =>
    [
        "The last is \"rescanned\", with the position to ask with next; on a terminal it is told on standard error.",
        "Where the changes since POSITION are not kept: \"fresh\", and all that is there as created.",
    ];

    public override bool TakesFiles => true;

    public override IReadOnlyList<string> Examples =>
        ["vigil since \"$(cat position)\" src", "vigil since --json 5f0c9d21e8b3a647:1234 /srv/data"];

    protected override int Execute(ParseResult result)
    {
        WatchOptions options = new WatchOptionsReader(_watch, result).Read();
        if (options.Paths is not [var text, var path])
        {
            throw new UsageException("since: a POSITION and one PATH are needed: vigil since \"$(cat position)\" .");
        }

        ChangePosition position = SubscribeCommand.ReadPosition("since", text);
        using SessionEnd end = new(timeout: null, takesSignals: false);
        BusOutput output = new(options, end);
        Task<string> printing = PrintAsync(QuestionOptions(result), position, path, options, output, end.Token);
        if (WaitFor(printing, end) is { } next && !options.IsJson && !options.IsQuiet)
        {
            Talk.Error($"the next position is {next}");
        }

        return end.Status;
    }

    private static async Task<string> PrintAsync(
        BusClientOptions bus,
        ChangePosition position,
        string path,
        WatchOptions options,
        BusOutput output,
        CancellationToken cancellation)
    {
        await using BusClient client = await BusClient.ConnectAsync(bus, cancellation).ConfigureAwait(false);
        var wanted = new SubscribeOptions { Kinds = options.Kinds };
        foreach (string glob in options.Include)
        {
            wanted.Include.Add(glob);
        }

        foreach (string glob in options.Exclude)
        {
            wanted.Ignore.Add(glob);
        }

        string next = "";
        await foreach (FileChange change in
            client.SinceAsync(path, position, wanted, cancellation).ConfigureAwait(false))
        {
            next = change.Position.ToString();
            if (options.IsJson || change.Kind != FileChangeKind.Rescanned)
            {
                output.Print(change);
            }
        }

        _ = output.Flush();
        return next;
    }
}
