using Vigil.Rings;

namespace Vigil.Compare.RingPeer.Rings;

/// <summary>A producer as a .NET program has it, writing in place: room for each message, one commit for all.</summary>
internal unsafe struct FacadeWriter : IRingWriter<FacadeWriter>
{
    private FacadeProducer _producer;

    public readonly long Wakes => _producer.Ring.Statistics.Wakes;

    public readonly bool IsEmpty => _producer.IsEmpty;

    public static FacadeWriter Listen(string path, int capacityBytes, int consumers) =>
        new() { _producer = FacadeProducer.Open(path, capacityBytes, consumers) };

    public readonly void AwaitJoined(int consumers) => _producer.AwaitJoined(consumers);

    public readonly bool TryWrite(int count, int payloadBytes, ulong number)
    {
        RingProducer ring = _producer.Ring;
        for (int i = 0; i < count; i++)
        {
            if (!ring.TryReserve(payloadBytes, out Span<byte> room))
            {
                if (i > 0)
                {
                    ring.Discard();
                }

                return false;
            }

            fixed (byte* at = room)
            {
                Message.Fill(at, payloadBytes, number + (ulong)i);
            }
        }

        ring.Commit();
        return true;
    }

    // A consumer gives back an eighth of the ring at a time: to look again is enough.
    public readonly bool HasRoomAgain(int bytes) => true;

    public readonly long WriteThenCommit(int count, int payloadBytes, ulong number) => -1;

    public readonly void Dispose() => _producer.Dispose();
}
