namespace Vigil.Compare.RingPeer.Rings;

/// <summary>A way to read from a ring. Implemented by structs, so that the loops are compiled for each.</summary>
internal interface IRingReader<TSelf> : IDisposable
    where TSelf : struct, IRingReader<TSelf>
{
    public static abstract TSelf Join(string path, RingWaiting how);

    /// <summary>Reads what is there. The payload's length of the last message; 0 where there was none.</summary>
    public int Read(ref Check check);

    /// <summary>Returns when there is something to read, or earlier.</summary>
    public void Wait(int pauses);
}
