using Vigil.Platform.Linux;
using Vigil.Rings;

namespace Vigil.Compare.RingPeer.Rings;

/// <summary>The raw consumer: what the C API offers, called from .NET.</summary>
internal unsafe struct RawReader : IRingReader<RawReader>
{
    private const int SpinNs = 20_000;
    private const int SleepMs = 100;
    private const int ViewsAtATime = 256;
    private const int LongStreak = 4;

    private RawRingConsumer _ring;
    private RingMessageView[] _views;
    private RingWaiting _how;
    private Looks _looks;

    public static RawReader Join(string path, RingWaiting how)
    {
        using var connection = UnixSocket.Connect(path);
        RingStatus status = RawRingConsumer.Join(
            connection, RingWakeMode.Push, RawRingConsumer.JoinTimeoutMs, out RawRingConsumer? ring);
        return ring is null
            ? throw new InvalidOperationException($"joining: {status}")
            : new RawReader
            {
                _ring = ring,
                _views = new RingMessageView[ViewsAtATime],
                _how = how,
                _looks = new Looks(),
            };
    }

    public readonly int Read(ref Check check)
    {
        // Hard behind the writer: as in the C program.
        if (_looks.FoundInARow >= LongStreak)
        {
            Processor.PauseAWhile();
        }

        RingStatus status = _ring.PeekBatch(_views, out int count);
        if (status == RingStatus.Again)
        {
            _looks.FoundInARow = 0;
            return 0;
        }

        // A full batch says nothing of how far the writer is.
        _looks.FoundInARow = count < ViewsAtATime ? _looks.FoundInARow + 1 : 0;

        if (status != RingStatus.Ok)
        {
            throw new InvalidOperationException($"peek: {status}");
        }

        ReadOnlySpan<RingMessageView> views = _views.AsSpan(0, count);
        Check mine = check;
        foreach (ref readonly RingMessageView view in views)
        {
            mine.Add(view.Payload, (nint)view.PayloadBytes);
        }

        check = mine;
        ref readonly RingMessageView last = ref views[^1];
        return _ring.Publish(last.Offset + last.TotalBytes)
            ? (int)last.PayloadBytes
            : throw new InvalidOperationException("publish");
    }

    public readonly void Wait(int pauses)
    {
        ulong tail = _ring.Tail;
        if (_ring.AcquireHead() != tail)
        {
            return;
        }

        long until = _how == RingWaiting.Adaptive ? Clock.Now + SpinNs : 0;
        do
        {
            if (_how == RingWaiting.Sleep || (_how == RingWaiting.Adaptive && Clock.Now >= until))
            {
                _ = _ring.WaitBroadcast(_ring.BroadcastToken, SleepMs);
                continue;
            }

            for (int i = 0; i < pauses; i++)
            {
                Processor.PauseOnce();
            }
        }
        while (_ring.AcquireHead() == tail);
    }

    public readonly void Dispose() => _ring.Dispose();

    // The struct is copied into the loops, this is not.
    private sealed class Looks
    {
        public int FoundInARow;
    }
}
