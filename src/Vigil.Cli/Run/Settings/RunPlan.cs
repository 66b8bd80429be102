using Vigil.Cli.Run.Config;
using Vigil.Cli.Watch;

namespace Vigil.Cli.Run.Settings;

/// <summary>What <c>vigil run</c> was asked to do, from the command line and vigil.yaml, checked.</summary>
internal sealed record RunPlan
{
    public required IReadOnlyList<GroupPlan> Groups { get; init; }

    /// <summary>The file that it was read from; null where it was typed.</summary>
    public ConfigSource? Source { get; init; }

    public bool Clears { get; init; }

    public bool RingsBell { get; init; }

    public bool Notifies { get; init; }

    public bool HasStatusLine { get; init; }

    public ColorChoice Color { get; init; }

    public bool IsQuiet { get; init; }

    public bool IsOnce { get; init; }

    public bool EndsOnChange { get; init; }
}
