namespace Vigil.Bus;

/// <summary>A bus cannot be used, or refused something; the message is one line that says why. Immutable.</summary>
public sealed class BusException : IOException
{
    internal BusException(BusProblem problem, string message)
        : base(message) => Problem = problem;

    /// <summary>What kind of problem it is.</summary>
    public BusProblem Problem { get; }
}
