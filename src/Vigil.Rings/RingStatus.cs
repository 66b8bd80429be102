namespace Vigil.Rings;

/// <summary>What an operation of the ring answers: the values of <c>zbq_error</c>.</summary>
public enum RingStatus
{
    /// <summary>It was done.</summary>
    Ok = 0,

    /// <summary>An argument is not valid, or the call does not fit the state.</summary>
    Invalid = -1,

    /// <summary>There is not enough memory.</summary>
    NoMemory = -2,

    /// <summary>There is nothing yet; ask again.</summary>
    Again = -3,

    /// <summary>A call to the kernel failed, or the other end is gone.</summary>
    Io = -4,

    /// <summary>The other process does not keep the rules of the ring.</summary>
    Protocol = -5,

    /// <summary>The consumer was evicted: what it has not read may be overwritten.</summary>
    Overflow = -6,

    /// <summary>No slot is free, or there is no such record.</summary>
    NotFound = -7,
}
