using System.Text.RegularExpressions;
using Vigil.Watching;

namespace Vigil.Cli.Run.Settings;

/// <summary>What one group watches and runs, with every default filled in.</summary>
internal sealed record GroupPlan
{
    /// <summary>Its name; empty where there is one group without a name.</summary>
    public required string Name { get; init; }

    public required IReadOnlyList<CommandPlan> Commands { get; init; }

    public required IReadOnlyList<string> Watch { get; init; }

    public IReadOnlyList<string> Include { get; init; } = [];

    public IReadOnlyList<string> Exclude { get; init; } = [];

    public IReadOnlyList<Regex> IgnoreExpressions { get; init; } = [];

    public bool ObeysIgnoreFiles { get; init; }

    public bool HasDefaultIgnores { get; init; }

    public bool IsRecursive { get; init; }

    public FileChangeKinds Kinds { get; init; }

    public bool ComparesContent { get; init; }

    public WatchBackend Backend { get; init; }

    public TimeSpan Poll { get; init; }

    public bool IsPostponed { get; init; }

    public TimeSpan Settle { get; init; }

    public BusyChoice OnBusy { get; init; }

    public bool HasLoopGuard { get; init; }

    public InputKind Input { get; init; }

    public TerminalUse Interactive { get; init; }
}
