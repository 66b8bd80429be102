using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vigil.Rings;

namespace Vigil.Compare.RingPeer.Rings;

/// <summary>A consumer as a .NET program has it.</summary>
internal unsafe struct FacadeReader : IRingReader<FacadeReader>
{
    private RingConsumer _ring;
    private RingWaiting _how;

    public static FacadeReader Join(string path, RingWaiting how)
    {
        RingConsumerOptions options = new();
        if (how == RingWaiting.Sleep)
        {
            options.SpinBudget = TimeSpan.Zero;
        }

        return new FacadeReader { _ring = RingConsumer.JoinAsync(path, options).GetAwaiter().GetResult(), _how = how };
    }

    public readonly int Read(ref Check check)
    {
        // Of its own, so that it can be kept in registers, as the C program keeps its.
        Check mine = check;
        int length = 0;
        foreach (RingMessage message in _ring.ReadBatch())
        {
            // The ring is not the collector's memory: it stays where it is.
            ReadOnlySpan<byte> payload = message.Payload;
            mine.Add((byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(payload)), payload.Length);
            length = payload.Length;
        }

        check = mine;
        return length;
    }

    public readonly void Wait(int pauses)
    {
        if (_how == RingWaiting.Spin)
        {
            for (int i = 0; i < pauses; i++)
            {
                Processor.PauseOnce();
            }
        }
        else if (!_ring.Wait())
        {
            throw new InvalidOperationException("the producer is gone");
        }
    }

    public readonly void Dispose() => _ring.Dispose();
}
