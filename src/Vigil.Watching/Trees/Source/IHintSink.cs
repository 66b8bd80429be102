namespace Vigil.Watching;

/// <summary>Takes the hints of a backend, in their order, on the engine's thread.</summary>
internal interface IHintSink
{
    /// <summary>Takes one.</summary>
    /// <param name="hint">The hint, valid during the call.</param>
    public void Apply(in TreeHint hint);

    /// <summary>Told after the last hint of a portion.</summary>
    /// <param name="emptyAt">
    /// If not 0: a moment (Stopwatch ticks) such that every event from before it has been given to <see cref="Apply"/>.
    /// </param>
    public void PortionDone(long emptyAt);
}
