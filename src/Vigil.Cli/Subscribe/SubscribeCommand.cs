using System.CommandLine;
using Vigil.Bus;
using Vigil.Cli.Buses;
using Vigil.Cli.Parsing;
using Vigil.Cli.Serve;
using Vigil.Cli.Watch;
using Vigil.Watching;

namespace Vigil.Cli.Subscribe;

/// <summary>The definition of <c>vigil subscribe</c>: what it prints is said as <c>vigil watch</c> says it.</summary>
internal sealed class SubscribeCommand : BusCommand
{
    private readonly WatchCommand _watch = new();

    private readonly Option<string> _since = Valued(
        "--since", "POSITION", "Go on from a position; where that is not kept: fresh, and all that is there.");

    private readonly Option<bool> _fds = Flag(
        "--fds", "Take what is created and closed as an open file, and tell its size and inode.");

    private readonly Option<bool> _start = Flag("--start", "Start a server if there is none.");

    private readonly Option<bool> _local = Flag(
        "--local", "Watch without a server if there is none, or none comes back.");

    public SubscribeCommand()
        : base("subscribe", "Print every change of trees that a server watches, until Ctrl-C.")
    {
        Arguments.Add(_watch.Paths);
        Add(Groups);
    }

    public override string Usage => "subscribe [OPTIONS] PATH...";

    public override IReadOnlyList<(string Name, string Description)> Operands =>
        [("PATH", "A directory with all below it, or a single file.")];

    public override IReadOnlyList<OptionGroup> Groups =>
    [
        new("What is told", [_watch.Events, _watch.Include, _watch.Exclude, _watch.Initial, _since, _fds]),
        new("How it is printed", [_watch.Json, _watch.Null, _watch.Relative, _watch.Color, _watch.Quiet]),
        new("When it ends", [_watch.Count, _watch.Timeout]),
        new("Where the server is", [Socket, _start, _local, TrustUser, AnswerTimeout]),
    ];

    public override IReadOnlyList<string> Notes =>
    [
        "A TIME is a number and a unit: 50ms, 2s, 1.5s, 1m. A bare number is seconds.",
        "Status: 0 stopped or finished, 1 an error, 2 wrong usage, 3 the time of --timeout is over.",
    ];

    public override bool TakesFiles => true;

    public override IReadOnlyList<string> Examples =>
        ["vigil subscribe --start src", "vigil subscribe --json --since \"$(cat position)\" /srv/data"];

    protected override int Execute(ParseResult result)
    {
        WatchOptions options = new WatchOptionsReader(_watch, result).Read();
        ChangePosition since = default;
        if (Value(result, _since) is { } text)
        {
            if (options.Paths.Count > 1)
            {
                throw new UsageException("--since: a position belongs to one PATH, and there are several");
            }

            since = ReadPosition("--since", text);
        }

        using SessionEnd end = new(options.Timeout);
        BusClientOptions client = ClientOptions(result);
        client.AllowLocal = result.IsSet(_local);
        client.StartCommand = result.IsSet(_start)
            ? [Environment.ProcessPath!, ServeCommand.CommandName, ServeCommand.OnDemandName]
            : null;
        using SubscribeSession session = new(options, client, since, result.IsSet(_fds), end);
        return session.Run();
    }

    /// <summary>A position that was typed.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static ChangePosition ReadPosition(string name, string text) =>
        ChangePosition.TryParse(text, out ChangePosition position) && !position.IsNone
            ? position
            : throw new UsageException(
                $"{name}: '{text}' is no position; one looks like 5f0c9d21e8b3a647:1234, see vigil clock");
}
