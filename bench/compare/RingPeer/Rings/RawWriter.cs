using Vigil.Platform;
using Vigil.Platform.Linux;
using Vigil.Rings;

namespace Vigil.Compare.RingPeer.Rings;

/// <summary>The raw producer: what the C API offers, called from .NET.</summary>
internal unsafe struct RawWriter : IRingWriter<RawWriter>
{
    private RawRingProducer _ring;
    private UnixSocket _listener;

    public readonly long Wakes => _ring.Statistics.Wakes;

    public readonly bool IsEmpty => Array.TrueForAll(_ring.GetConsumers(), consumer => consumer.UnreadBytes == 0);

    public static RawWriter Listen(string path, int capacityBytes, int consumers) => new()
    {
        _ring = RawRingProducer.Create(new RingParameters
        {
            CapacityBytes = (ulong)capacityBytes,
            ClogThreshold = 1 << 20,
            MaxConsumers = (uint)consumers,
        }),
        _listener = UnixSocket.Listen(path),
    };

    public readonly void AwaitJoined(int consumers)
    {
        for (int joined = 0; joined < consumers;)
        {
            _ = _listener.WaitReadable(timeoutMs: 1000);
            if (_listener.TryAccept(out Failure _) is not { } connection)
            {
                continue;
            }

            using (connection)
            {
                RingStatus status = _ring.Handshake(connection, RingWakeMode.Push, out _);
                joined += status == RingStatus.Ok
                    ? 1
                    : throw new InvalidOperationException($"a consumer could not join: {status}");
            }
        }
    }

    public readonly bool TryWrite(int count, int payloadBytes, ulong number)
    {
        int messageBytes = Message.HeaderBytes + payloadBytes;
        ulong bytes = (ulong)(count * messageBytes);
        RingRun run = _ring.Reserve(bytes);
        if (run.MaxBytes < bytes)
        {
            return false;
        }

        byte* at = run.Base;
        for (int i = 0; i < count; i++, at += messageBytes)
        {
            *(RingMessageHeader*)at = new RingMessageHeader { PayloadBytes = (uint)payloadBytes };
            Message.Fill(at + Message.HeaderBytes, payloadBytes, number + (ulong)i);
        }

        return _ring.Commit(bytes, RingCommitFlags.None);
    }

    public readonly bool HasRoomAgain(int bytes)
    {
        // A run that ends where the ring does is as long as it can be.
        RingRun run = _ring.Query();
        ulong enough = Math.Max((ulong)bytes, _ring.CapacityBytes / 8);
        return run.MaxBytes >= enough || (run.MaxBytes > 0 && (run.Offset + run.MaxBytes) % _ring.CapacityBytes == 0);
    }

    public readonly long WriteThenCommit(int count, int payloadBytes, ulong number)
    {
        int messageBytes = Message.HeaderBytes + payloadBytes;
        ulong bytes = (ulong)(count * messageBytes);
        RingRun run = _ring.Reserve(bytes);
        if (run.MaxBytes < bytes)
        {
            throw new WrongAnswerException("room", bytes, run.MaxBytes);
        }

        byte* at = run.Base;
        for (int i = 0; i < count; i++, at += messageBytes)
        {
            *(RingMessageHeader*)at = new RingMessageHeader { PayloadBytes = (uint)payloadBytes };
            Message.Fill(at + Message.HeaderBytes, payloadBytes, number + (ulong)i);
        }

        bool isDone = true;
        long begin = Clock.Now;
        for (int i = 0; i < count; i++)
        {
            isDone &= _ring.Commit((ulong)messageBytes, RingCommitFlags.None);
        }

        long ns = Clock.Now - begin;
        return isDone ? ns : throw new WrongAnswerException("a commit", 1, 0);
    }

    public readonly void Dispose()
    {
        _listener.Dispose();
        _ring.Dispose();
    }
}
