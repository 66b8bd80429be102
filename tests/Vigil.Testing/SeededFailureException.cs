namespace Vigil.Testing;

/// <summary>A test with random numbers failed; the message says how to have the same numbers again.</summary>
public sealed class SeededFailureException : Exception
{
    /// <summary>Wraps a failure.</summary>
    /// <param name="seed">The seed it came with.</param>
    /// <param name="failure">The failure itself.</param>
    public SeededFailureException(int seed, Exception failure)
        : base($"{Testing.Seed.Variable}={seed} replays this: {failure?.Message}", failure)
    {
        Seed = seed;
    }

    /// <summary>The seed that failed.</summary>
    public int Seed { get; }
}
