namespace Vigil.IO.Operations;

/// <summary>A thread of the pool does it, and goes on with whoever waits for it.</summary>
internal sealed class ThreadCarrier : Carrier
{
    // To the common queue: a thread's own is emptied last in, first out, which is no order for reads.
    internal override void Start(FileOperation operation) =>
        ThreadPool.UnsafeQueueUserWorkItem(operation, preferLocal: false);
}
