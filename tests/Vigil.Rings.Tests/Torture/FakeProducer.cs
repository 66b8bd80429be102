using System.Globalization;
using System.Runtime.InteropServices;
using Vigil.Platform.Linux;

namespace Vigil.Rings.Tests;

/// <summary>
/// A producer made by hand, which offers what it likes and writes what it likes. As long as a test changes nothing what
/// it offers is in order.
/// </summary>
internal sealed unsafe class FakeProducer : IDisposable
{
    internal const MemorySeals Sealed =
        MemorySeals.Shrink | MemorySeals.Grow | MemorySeals.FutureWrite | MemorySeals.Seal;

    internal const MemorySeals PageSeals = MemorySeals.Shrink | MemorySeals.Grow | MemorySeals.Seal;

    // The kernel shows the name of a memory file in the list of mappings; each ring has another one.
    private static int _rings;

    private readonly List<IDisposable> _all = [];

    internal FakeProducer(long capacityBytes)
    {
        RingName = $"torture ring {Interlocked.Increment(ref _rings)}";
        Control = (RingControl*)Make("torture control", 4096, Sealed, out MemoryFile control);
        Ring = Make(RingName, capacityBytes, Sealed, out MemoryFile ring);
        Page = (RingConsumerPage*)Make("torture page", 4096, PageSeals, out MemoryFile page);
        Side = Keep(UnixSocket.CreatePair(out UnixSocket otherSide));
        _ = Keep(otherSide);
        CapacityBytes = capacityBytes;
        Control->CapacityBytes = (ulong)capacityBytes;
        Control->ProducerProcessId = Environment.ProcessId;
        Message = new RingJoinMessage
        {
            CapacityBytes = (ulong)capacityBytes,
            ProducerProcessId = Environment.ProcessId,
            WakeMode = (uint)RingWakeMode.Push,
        };
        Descriptors = [Number(control), Number(ring), Number(page), Number(otherSide)];
    }

    internal string RingName { get; }

    internal long CapacityBytes { get; }

    internal RingControl* Control { get; }

    internal byte* Ring { get; }

    internal RingConsumerPage* Page { get; }

    /// <summary>The end that the producer keeps.</summary>
    internal UnixSocket Side { get; }

    /// <summary>What it is going to offer.</summary>
    internal RingJoinMessage Message { get; set; }

    /// <summary>With these: control, ring, page, side.</summary>
    internal int[] Descriptors { get; set; }

    public void Dispose() => _all.ForEach(one => one.Dispose());

    internal static int Number(SafeHandle handle) => (int)handle.DangerousGetHandle();

    /// <summary>Keeps something open until the end.</summary>
    internal T Keep<T>(T one)
        where T : IDisposable
    {
        _all.Add(one);
        return one;
    }

    /// <summary>A memory file of any size and with any seals.</summary>
    internal MemoryFile MakeFile(long bytes, MemorySeals seals)
    {
        MemoryFile file = Keep(MemoryFile.Create("torture file", bytes));
        file.AddSeals(seals);
        return file;
    }

    /// <summary>Offers what it has over a connection of its own, and lets a consumer answer.</summary>
    internal RingStatus Join(out RawRingConsumer? consumer) => Join(Bytes(Message), out consumer);

    /// <summary>Offers other bytes.</summary>
    internal RingStatus Join(ReadOnlySpan<byte> bytes, out RawRingConsumer? consumer)
    {
        using UnixSocket near = UnixSocket.CreatePair(out UnixSocket far);
        using (far)
        {
            Assert.Equal(Platform.Failure.None, near.TrySend(bytes, Descriptors));
            return RawRingConsumer.Join(far, RingWakeMode.Push, timeoutMs: 1000, out consumer);
        }
    }

    internal static byte[] Bytes(RingJoinMessage message) =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<RingJoinMessage>(in message)).ToArray();

    /// <summary>Writes a message and shows it.</summary>
    internal void Write(ReadOnlySpan<byte> payload)
    {
        ulong head = Control->Head;
        byte* at = Ring + (head % (ulong)CapacityBytes);
        *(RingMessageHeader*)at = new RingMessageHeader { PayloadBytes = (uint)payload.Length };
        payload.CopyTo(new Span<byte>(at + RingMessageHeader.SizeBytes, payload.Length));
        Volatile.Write(ref Control->Head, head + RawRingProducer.AlignUp((ulong)payload.Length + 16));
    }

    /// <summary>Where the consumer mapped the ring, read-only: proc_pid_maps(5).</summary>
    internal (nuint Start, nuint End) MappedRing()
    {
        string line = File.ReadLines("/proc/self/maps").Single(line =>
            line.Contains($"/memfd:{RingName} ", StringComparison.Ordinal)
            && line.Contains(" r--s ", StringComparison.Ordinal));
        string[] ends = line.Split(' ')[0].Split('-');
        return (nuint.Parse(ends[0], NumberStyles.HexNumber), nuint.Parse(ends[1], NumberStyles.HexNumber));
    }

    private byte* Make(string name, long bytes, MemorySeals seals, out MemoryFile file)
    {
        file = Keep(MemoryFile.Create(name, bytes));
        MemoryMapping mapping = Keep(MemoryMapping.Create(file, bytes, writable: true, populate: true));
        file.AddSeals(seals);
        return mapping.Address;
    }
}
