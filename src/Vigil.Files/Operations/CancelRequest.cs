namespace Vigil.IO.Operations;

/// <summary>
/// Asks a ring to cancel an operation, as long as that is still the same one. It goes the way of the operations, so the
/// kernel has the operation before it is asked to cancel it.
/// </summary>
internal sealed class CancelRequest(FileOperation operation) : RingNode
{
    private readonly int _use = operation.Use;

    /// <summary>What the kernel knows the operation by, or 0 where it is over.</summary>
    /// <remarks>The key is read before it is looked whose it is: the object may be another ring's by now.</remarks>
    internal ulong Key
    {
        get
        {
            ulong key = operation.RingKey;
            return operation.Use == _use ? key : 0;
        }
    }
}
