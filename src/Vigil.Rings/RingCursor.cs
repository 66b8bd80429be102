namespace Vigil.Rings;

/// <summary>Where a reader stands in its batch. Lives in the enumerator, so on the stack of the foreach.</summary>
internal unsafe struct RingCursor
{
    internal RingConsumer Consumer;

    /// <summary>The message that was handed out; its header is a copy.</summary>
    internal RingMessageHeader Header;
    internal byte* Payload;
    internal ulong Offset;

    /// <summary>Where the next one begins, and where the batch ends.</summary>
    internal ulong Next;
    internal ulong NextPhysical;
    internal ulong End;
    internal bool HasUntakenDescriptors;
}
