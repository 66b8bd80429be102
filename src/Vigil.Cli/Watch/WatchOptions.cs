using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Cli.Watch;

/// <summary>What <c>vigil watch</c> was asked to do, checked.</summary>
internal sealed record WatchOptions
{
    /// <summary>The PATHs as they were typed.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>Whether the kernel's own events are shown.</summary>
    public bool IsRaw { get; init; }

    /// <summary>The kinds to tell.</summary>
    public FileChangeKinds Kinds { get; init; } = FileChangeKinds.All;

    /// <summary>With <see cref="IsRaw"/>, the kernel's events to ask for.</summary>
    public InotifyMask Mask { get; init; } = InotifyMask.AllEvents;

    public IReadOnlyList<string> Include { get; init; } = [];

    public IReadOnlyList<string> Exclude { get; init; } = [];

    public bool HonourIgnoreFiles { get; init; }

    public bool IsRecursive { get; init; } = true;

    public bool IsOneFileSystem { get; init; }

    public bool ReportsInitial { get; init; }

    public TimeSpan Settle { get; init; }

    /// <summary>How many changes end the command; 0 for no end.</summary>
    public long Count { get; init; }

    /// <summary>When the command ends with status 3; null for never.</summary>
    public TimeSpan? Timeout { get; init; }

    public WatchBackend Backend { get; init; }

    public TimeSpan PollInterval { get; init; }

    /// <summary>Whether PATHs that are not there are waited for.</summary>
    public bool WaitsForPaths { get; init; }

    public bool IsJson { get; init; }

    public string? Format { get; init; }

    public bool EndsInNul { get; init; }

    public bool IsRelative { get; init; }

    public bool IsQuiet { get; init; }

    public ColorChoice Color { get; init; }

    /// <summary>Whether lines are coloured here.</summary>
    public bool IsColored => Color switch
    {
        ColorChoice.Always => true,
        ColorChoice.Never => false,
        _ => StandardStream.Output.IsTerminal
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") != "dumb",
    };
}
