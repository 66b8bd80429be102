using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Vigil.Watching;

namespace Vigil.Benchmarks;

/// <summary>Going through one buffer of events, as a read fills it; times are for one event.</summary>
public class DecodingBenchmark
{
    private const int EventCount = 1_500;
    private const int HeaderBytes = 16;

    private byte[] _buffer = [];
    private long _nameBytes;

    /// <summary>The length of the names; 0 is an event about the watched thing itself.</summary>
    [Params(0, 12, 60)]
    public int NameBytes { get; set; }

    /// <summary>Lays the events out as inotify(7) has it: header, name, and NULs up to a multiple of 16.</summary>
    [GlobalSetup]
    public void Fill()
    {
        int paddedBytes = NameBytes == 0 ? 0 : (NameBytes + 1 + 15) / 16 * 16;
        int eventBytes = HeaderBytes + paddedBytes;
        _buffer = new byte[EventCount * eventBytes];
        for (int i = 0; i < EventCount; i++)
        {
            Span<byte> one = _buffer.AsSpan(i * eventBytes, eventBytes);
            Span<int> header = MemoryMarshal.Cast<byte, int>(one[..HeaderBytes]);
            header[0] = i + 1;
            header[1] = (int)InotifyMask.Create;
            header[2] = 0;
            header[3] = paddedBytes;
            one.Slice(HeaderBytes, NameBytes).Fill((byte)'n');
        }

        _nameBytes = (long)EventCount * NameBytes;
    }

    /// <summary>The header of each event alone.</summary>
    [Benchmark(OperationsPerInvoke = EventCount)]
    public long Headers()
    {
        long watches = 0;
        foreach (InotifyEvent e in new InotifyEvents(_buffer))
        {
            watches += e.Watch.Value;
        }

        Answer.Expect((long)EventCount * (EventCount + 1) / 2, watches, "the sum of the watches");
        return watches;
    }

    /// <summary>Each name as well, without its padding.</summary>
    [Benchmark(OperationsPerInvoke = EventCount)]
    public long Names()
    {
        long bytes = 0;
        foreach (InotifyEvent e in new InotifyEvents(_buffer))
        {
            bytes += e.Name.Length;
        }

        Answer.Expect(_nameBytes, bytes, "the bytes of the names");
        return bytes;
    }
}
