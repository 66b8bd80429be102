namespace Vigil.Watching;

/// <summary>
/// What a <see cref="FileWatcher{TTag}"/> tells. Read once, when the watcher is made; later changes have no effect.
/// </summary>
public sealed class FileWatcherOptions
{
    /// <summary>The kinds that are told; <see cref="FileEventKinds.Contents"/>.</summary>
    public FileEventKinds Kinds { get; set; } = FileEventKinds.Contents;

    /// <summary>How often files are looked at whose directory cannot be watched; 1 s, and more than zero.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);
}
