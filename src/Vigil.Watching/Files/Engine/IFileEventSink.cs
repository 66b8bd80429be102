namespace Vigil.Watching;

/// <summary>Where a <see cref="FileWatchEngine"/> puts its events. Knows the tags, which the engine does not.</summary>
internal interface IFileEventSink
{
    /// <summary>Whether everything that was told is in the channel. Under the engine's gate.</summary>
    public bool IsIdle { get; }

    /// <summary>
    /// Whether the reader has to make room before more is told: as much as should be waits already. Under the engine's
    /// gate.
    /// </summary>
    public bool IsBehind { get; }

    /// <summary>Takes an event; never waits. Under the engine's gate.</summary>
    /// <param name="kind">What happened.</param>
    /// <param name="file">The file, or null with a notice.</param>
    /// <param name="path">The path that is told.</param>
    /// <param name="isInferred">Whether it was found by looking.</param>
    /// <param name="reason">With a notice, why.</param>
    public void Tell(FileEventKind kind, WatchedFile? file, string path, bool isInferred, string? reason);

    /// <summary>
    /// Puts what was told into the channel, and waits while that is full. What is told of a file that is removed by
    /// then is left out. On the engine's thread, without the gate.
    /// </summary>
    /// <param name="gate">The engine's gate.</param>
    /// <param name="stopping">Ends the waiting.</param>
    /// <exception cref="OperationCanceledException">The watcher was disposed.</exception>
    public void Flush(Lock gate, CancellationToken stopping);

    /// <summary>Ends the channel.</summary>
    /// <param name="error">Why, or null where it was disposed.</param>
    public void Complete(Exception? error);
}
