namespace Vigil.Rings.Tests;

/// <summary>
/// Tests that load the machine or count what this process has open: they run one after the other, when all others are
/// done.
/// </summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
