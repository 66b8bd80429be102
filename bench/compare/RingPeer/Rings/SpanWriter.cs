using Vigil.Rings;

namespace Vigil.Compare.RingPeer.Rings;

/// <summary>A producer as a .NET program has it, writing messages that it has made elsewhere.</summary>
internal unsafe struct SpanWriter : IRingWriter<SpanWriter>
{
    private FacadeProducer _producer;
    private byte[] _message;

    public readonly long Wakes => _producer.Ring.Statistics.Wakes;

    public readonly bool IsEmpty => _producer.IsEmpty;

    public static SpanWriter Listen(string path, int capacityBytes, int consumers) => new()
    {
        _producer = FacadeProducer.Open(path, capacityBytes, consumers),
        _message = GC.AllocateArray<byte>(Plan.RingBytes, pinned: true),
    };

    public readonly void AwaitJoined(int consumers) => _producer.AwaitJoined(consumers);

    public readonly bool TryWrite(int count, int payloadBytes, ulong number)
    {
        if (count != 1)
        {
            throw new NotSupportedException("TryWrite commits each message");
        }

        fixed (byte* at = _message)
        {
            Message.Fill(at, payloadBytes, number);
        }

        return _producer.Ring.TryWrite(_message.AsSpan(0, payloadBytes));
    }

    // A consumer gives back an eighth of the ring at a time: to look again is enough.
    public readonly bool HasRoomAgain(int bytes) => true;

    public readonly long WriteThenCommit(int count, int payloadBytes, ulong number) => -1;

    public readonly void Dispose() => _producer.Dispose();
}
