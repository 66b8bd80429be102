namespace Vigil.Bus.Tests;

/// <summary>Tests that load the whole machine run one at a time.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
