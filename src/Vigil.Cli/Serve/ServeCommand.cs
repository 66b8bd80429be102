using System.CommandLine;
using System.Globalization;
using Vigil.Bus;
using Vigil.Cli.Buses;
using Vigil.Cli.Parsing;
using Vigil.Cli.Watch;
using Vigil.Platform.Linux;

namespace Vigil.Cli.Serve;

/// <summary>The definition of <c>vigil serve</c>.</summary>
internal sealed class ServeCommand : BusCommand
{
    /// <summary>Its name.</summary>
    public const string CommandName = "serve";

    /// <summary>The option of a server that a subscriber starts.</summary>
    public const string OnDemandName = "--on-demand";

    private readonly Option<string[]> _allow = Repeated(
        "--allow", "PATH", "Watch only PATH and what is below it; may be repeated. Else whatever is asked for.");

    private readonly Option<string[]> _allowUser = Repeated(
        "--allow-user", "UID", "Let this user subscribe, too; may be repeated.");

    private readonly Option<string> _grace = Valued(
        "--grace", "TIME", "How long a tree stays watched after its last subscriber (10s), or clock and since (10m).");

    private readonly Option<string> _history = Valued(
        "--history", "MIB", "Memory for the changes that are kept of each tree; 16 unless told.");

    private readonly Option<bool> _onDemand = Flag(
        OnDemandName, "Go into the background, and end once nobody is left and the grace is over.");

    private readonly Option<bool> _quiet = Flag("--quiet", "On standard error, only what is wrong.", "-q");

    public ServeCommand()
        : base(CommandName, "Watch each tree once for all processes that subscribe.") => Add(Groups);

    public override string Usage => $"{CommandName} [OPTIONS]";

    public override IReadOnlyList<OptionGroup> Groups =>
    [
        new("Who may have what", [_allow, _allowUser]),
        new("How it serves", [Socket, _grace, _history, _onDemand, _quiet]),
    ];

    public override IReadOnlyList<string> Notes =>
    [
        "A TIME is a number and a unit: 50ms, 2s, 1.5s, 1m. A bare number is seconds.",
        "Status: 0 stopped by SIGINT or SIGTERM, or nobody was left; 1 an error; 2 wrong usage.",
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "vigil serve --allow ~/src",
        "systemctl --user enable --now vigil.service",
    ];

    protected override int Execute(ParseResult result)
    {
        bool isOnDemand = result.IsSet(_onDemand);
        bool isQuiet = result.IsSet(_quiet) || isOnDemand;
        BusServerOptions options = Read(result, isOnDemand);
        options.Log = isQuiet ? null : Talk.Error;
        BusServer server;
        try
        {
            server = BusServer.Start(options);
        }
        catch (BusException e) when (isOnDemand && e.Problem == BusProblem.AlreadyServed)
        {
            // Two subscribers had the same thought; the other one's server serves both.
            return ExitStatus.Success;
        }

        if (isOnDemand)
        {
            Background.Enter();
        }
        else if (!isQuiet)
        {
            Talk.Error($"serving at {server.SocketPath}");
        }

        using SessionEnd end = new(timeout: null);
        _ = server.Completion.ContinueWith(
            _ => end.Finish(ExitStatus.Success), CancellationToken.None, TaskContinuationOptions.None,
            TaskScheduler.Default);
        end.WaitQuietly();
        _ = end.WaitFor(server.DisposeAsync().AsTask());
        if (server.Completion.Exception?.GetBaseException() is { } failure)
        {
            Talk.Error($"the server could not go on, or not end well: {failure.Message}");
            return ExitStatus.Error;
        }

        return end.Status;
    }

    private BusServerOptions Read(ParseResult result, bool isOnDemand)
    {
        var options = new BusServerOptions { SocketPath = SocketPath(result), EndsWhenIdle = isOnDemand };
        foreach (string path in Values(result, _allow))
        {
            options.AllowedRoots.Add(path.Length > 0 ? path : throw new UsageException("--allow: the path is empty"));
        }

        ReadUsers(result, _allowUser, options.AllowedUserIds);
        if (Time(result, _grace) is { } grace)
        {
            options.GracePeriod = grace;
            options.PositionGracePeriod = grace;
        }

        if (Value(result, _history) is { } history)
        {
            options.HistoryBytes = int.TryParse(history, CultureInfo.InvariantCulture, out int mebibytes)
                && mebibytes is > 0 and < 2048
                ? mebibytes << 20
                : throw new UsageException($"--history: '{history}' is not a number of mebibytes from 1 to 2047");
        }

        return options;
    }
}
