namespace Vigil.Compare.RingPeer.Channels;

/// <summary>How a message of a channel is written and read.</summary>
internal interface IMessages<T>
{
    public static abstract void Write(ref T message, int payloadBytes, ulong number);

    /// <summary>Returns the length of its payload.</summary>
    public static abstract int Read(ref T message, ref Check check, int payloadBytes);
}
