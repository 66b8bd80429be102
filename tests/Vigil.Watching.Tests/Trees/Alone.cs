namespace Vigil.Watching.Tests;

/// <summary>
/// Tests that load or change the machine: they run one after the other, when all others are done. Then no other
/// watcher is
/// in this process, so that the shared inotify instance is opened anew.
/// </summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
