using Microsoft.Win32.SafeHandles;
using Vigil.Platform;

namespace Vigil.Watching;

/// <summary>What a <see cref="FileChange"/> holds besides its paths, for who makes one.</summary>
public readonly struct FileChangeOrigin
{
    /// <summary>What happened.</summary>
    public FileChangeKind Kind { get; init; }

    /// <summary>What the entry is.</summary>
    public EntryType Type { get; init; }

    /// <summary>Whether it tells what was there at the start.</summary>
    public bool IsInitial { get; init; }

    /// <summary>Its number in its stream.</summary>
    public long Sequence { get; init; }

    /// <summary>When it was learned of, in ticks of UTC.</summary>
    public long TimeTicks { get; init; }

    /// <summary>Where it stands in the history of its tree.</summary>
    public ChangePosition Position { get; init; }

    /// <summary>What is said about the watching, or null.</summary>
    public WatchNotice? Notice { get; init; }

    /// <summary>The file that came with it, or null.</summary>
    public SafeFileHandle? Handle { get; init; }

    /// <summary>Why no file came with it.</summary>
    public Failure HandleFailure { get; init; }
}
