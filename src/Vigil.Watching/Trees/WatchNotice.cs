namespace Vigil.Watching;

/// <summary>
/// What a watcher says about itself with a <see cref="FileChange"/> of the second block of kinds. Immutable.
/// </summary>
public sealed class WatchNotice
{
    /// <summary>Why, in words that a person can act on; null with <see cref="FileChangeKind.Ready"/>.</summary>
    public string? Reason { get; init; }

    /// <summary>How often the part is polled now (<see cref="FileChangeKind.Degraded"/>).</summary>
    public TimeSpan PollInterval { get; init; }

    /// <summary>How many directories are watched (<see cref="FileChangeKind.Ready"/>).</summary>
    public int Directories { get; init; }

    /// <summary>How many entries there are, directories included (<see cref="FileChangeKind.Ready"/>).</summary>
    public int Entries { get; init; }

    /// <summary>How long the first scan took (<see cref="FileChangeKind.Ready"/>).</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>How the tree is watched (<see cref="FileChangeKind.Ready"/>).</summary>
    public WatchBackend Backend { get; init; }
}
