using Vigil.Watching;

namespace Vigil.Cli.Run.Changes;

/// <summary>What all changes of one path since the last run come to.</summary>
internal sealed class RunChange
{
    /// <summary>The absolute path, as a text of <see cref="Platform.PathText"/>.</summary>
    public required string Path { get; set; }

    /// <summary>With <see cref="FileChangeKind.Renamed"/>, where it was.</summary>
    public string? OldPath { get; set; }

    /// <summary>Created, modified, metadata, deleted or renamed.</summary>
    public required FileChangeKind Kind { get; set; }

    /// <summary>What the entry is.</summary>
    public EntryType Type { get; set; }

    /// <summary>When the watcher learned of the last of them.</summary>
    public DateTimeOffset Time { get; set; }

    /// <summary>Whether somebody has written to the file and not closed it yet.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Whether the file was deleted and made again, and nobody has written to it or closed it since.</summary>
    public bool IsMadeAgain { get; set; }

    /// <summary>Whether it happened while a run of the group went on.</summary>
    public bool IsDuringRun { get; set; }

    /// <summary>Whether it starts no run by itself, but is told to the next.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Whether the content was compared since the last of them.</summary>
    public bool IsCompared { get; set; }

    /// <summary>Whether the content was found to be another one, once at least.</summary>
    public bool IsOther { get; set; }
}
