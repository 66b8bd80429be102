namespace Vigil.IO.Operations;

/// <summary>
/// Asks a ring to cancel an operation, as long as that is still the same one. It goes the way of the operations, so the
/// kernel has the operation before it is asked to cancel it.
/// </summary>
internal sealed class CancelRequest(FileOperation operation) : RingNode
{
    private readonly int _use = operation.Use;

    /// <summary>What the kernel knows the operation by, or 0 where it is over.</summary>
    internal ulong Key => operation.Use == _use ? operation.RingKey : 0;
}
