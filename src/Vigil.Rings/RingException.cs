namespace Vigil.Rings;

/// <summary>A ring could not be joined, or what its producer wrote is no ring. The message says why.</summary>
public sealed class RingException : IOException
{
    internal RingException(RingStatus status, string message)
        : base(message) => Status = status;

    /// <summary>What kind of problem it is.</summary>
    public RingStatus Status { get; }
}
