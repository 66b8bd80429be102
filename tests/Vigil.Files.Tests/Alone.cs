namespace Vigil.IO.Tests;

/// <summary>Tests that count what the whole process has, and so run when nothing else does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
