namespace Vigil.Rings;

/// <summary>
/// What ties a batch to the block that reads it: the parameter of <see cref="RingConsumer.ReadBatch"/> that nobody
/// gives. What a method returns may hold a reference to an <c>in</c> argument, so the compiler lets neither the batch
/// nor a message of it out of the block of the call, where the omitted argument lives.
/// </summary>
public readonly struct RingBatchScope;
