namespace Vigil.IO.Operations;

/// <summary>
/// The seam to the kernel: takes an operation and sees to it that <see cref="FileOperation.Finish"/> is called once,
/// when the kernel has let go of its memory.
/// </summary>
internal abstract class Carrier
{
    /// <summary>Starts it. The operation may be over, and taken for another, before this returns.</summary>
    internal abstract void Start(FileOperation operation);

    /// <summary>Asks for an operation to be given up; it ends in its time, cancelled or not.</summary>
    internal virtual void Cancel(FileOperation operation)
    {
    }
}
