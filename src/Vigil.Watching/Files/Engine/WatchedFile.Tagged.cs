namespace Vigil.Watching;

/// <summary>A watched path with the caller's value.</summary>
internal sealed class WatchedFile<TTag>(string path, TTag tag) : WatchedFile(path)
{
    /// <summary>The value, which later events carry.</summary>
    internal TTag Tag { get; set; } = tag;
}
