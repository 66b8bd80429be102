namespace Vigil.Rings;

/// <summary>Where a reader stands in its batch. Lives in the enumerator, so on the stack of the foreach.</summary>
internal unsafe struct RingCursor
{
    internal RingConsumer Consumer;

    /// <summary>The message that was handed out: a copy of its header, by words, and its place.</summary>
    internal ulong HeaderStart;
    internal ulong SequenceId;
    internal byte* Payload;
    internal ulong Offset;

    /// <summary>Where the next one begins, and where the batch ends.</summary>
    internal ulong Next;
    internal ulong NextPhysical;
    internal ulong End;
    internal bool HasUntakenDescriptors;

    /// <summary>So many bytes behind the beginning no message is begun any more.</summary>
    internal ulong Begin;
    internal ulong StopBytes;

    /// <summary>What the steps need of the consumer.</summary>
    internal byte* Ring;
    internal ulong CapacityBytes;

    internal readonly int PayloadBytes => (int)(uint)HeaderStart;

    internal readonly int DescriptorCount => (byte)(HeaderStart >> 32);
}
