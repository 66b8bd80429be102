namespace Vigil.Watching.Tests;

/// <summary>What came of a storm.</summary>
/// <param name="Reader">The reader that followed it.</param>
/// <param name="Statistics">The watcher's counters at its end.</param>
internal sealed record StormResult(MirrorReader Reader, TreeWatcherStatistics Statistics);
