namespace Vigil.Compare.RingPeer.Rings;

/// <summary>A way to write into a ring. Implemented by structs, so that the loops are compiled for each.</summary>
internal interface IRingWriter<TSelf> : IDisposable
    where TSelf : struct, IRingWriter<TSelf>
{
    /// <summary>How often sleepers were woken: calls to the kernel.</summary>
    public long Wakes { get; }

    public static abstract TSelf Listen(string path, int capacityBytes, int consumers);

    /// <summary>Returns when so many consumers have joined.</summary>
    public void AwaitJoined(int consumers);

    /// <summary>Writes some messages and commits them at once. False, and nothing was done, without room.</summary>
    public bool TryWrite(int count, int payloadBytes, ulong number);

    /// <summary>Whether after a look in vain there is so much room that it is worth to go on.</summary>
    public bool HasRoomAgain(int bytes);

    /// <summary>Whether all consumers have read everything.</summary>
    public bool IsEmpty { get; }

    /// <summary>
    /// Writes some messages, and then commits one after the other: the nanoseconds that the commits took. Negative
    /// where that cannot be done.
    /// </summary>
    public long WriteThenCommit(int count, int payloadBytes, ulong number);
}
