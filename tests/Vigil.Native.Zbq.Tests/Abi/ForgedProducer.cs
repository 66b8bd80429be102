using System.Runtime.InteropServices;
using Vigil.Platform;
using Vigil.Platform.Linux;
using Vigil.Rings;

namespace Vigil.Native.Zbq.Tests;

/// <summary>
/// A producer made by hand, which can do everything wrong: the memory of a ring, and the message by which a consumer
/// joins. As it is created a consumer can join it.
/// </summary>
internal sealed unsafe class ForgedProducer : IDisposable
{
    internal const MemorySeals ProducerSeals =
        MemorySeals.Shrink | MemorySeals.Grow | MemorySeals.FutureWrite | MemorySeals.Seal;

    internal const MemorySeals ConsumerSeals = MemorySeals.Shrink | MemorySeals.Grow | MemorySeals.Seal;

    private readonly UnixSocket _connection;
    private readonly UnixSocket _otherEnd;
    private readonly List<IDisposable> _owned = [];

    internal ForgedProducer()
    {
        _connection = Own(UnixSocket.CreatePair(out _otherEnd));
        _ = Own(_otherEnd);
        Side = Own(UnixSocket.CreatePair(out UnixSocket otherSide));
        OtherSide = Own(otherSide);
        ControlFile = NewFile(4096, ProducerSeals, out MemoryMapping control);
        RingFile = NewFile(Message.CapacityBytes, ProducerSeals, out MemoryMapping ring);
        PageFile = NewFile(4096, ConsumerSeals, out MemoryMapping page);
        Control = (RingControl*)control.Address;
        Ring = ring.Address;
        Page = (RingConsumerPage*)page.Address;
        Control->CapacityBytes = Message.CapacityBytes;
        Control->ProducerProcessId = Environment.ProcessId;
    }

    /// <summary>What is sent to join.</summary>
    internal RingJoinMessage Message = new()
    {
        CapacityBytes = 64 * 1024,
        ProducerProcessId = Environment.ProcessId,
    };

    internal UnixSocket Side { get; }

    internal UnixSocket OtherSide { get; }

    internal MemoryFile ControlFile { get; set; }

    internal MemoryFile RingFile { get; set; }

    internal MemoryFile PageFile { get; set; }

    internal RingControl* Control { get; }

    internal byte* Ring { get; }

    internal RingConsumerPage* Page { get; }

    /// <summary>The descriptors in the order in which a producer sends them.</summary>
    internal int[] Descriptors => [.. new SafeHandle[] { ControlFile, RingFile, PageFile, OtherSide }.Select(NumberOf)];

    internal int Connection => NumberOf(_otherEnd);

    /// <summary>Memory of a size and with seals that no good producer would choose.</summary>
    internal MemoryFile NewFile(ulong bytes, MemorySeals seals) => NewFile(bytes, seals, out _);

    internal void Send(ReadOnlySpan<byte> message, params int[] descriptors) =>
        Assert.Equal(Failure.None, _connection.TrySend(message, descriptors));

    internal void Send(params int[] descriptors) =>
        Send(MemoryMarshal.AsBytes(new ReadOnlySpan<RingJoinMessage>(in Message)), descriptors);

    internal int TryJoin(out nint consumer, int mode = Exports.Push)
    {
        nint result = 77;
        int status = Exports.Join(Connection, mode, &result);
        consumer = result;
        return status;
    }

    /// <summary>Sends the message as it is now, and joins by it.</summary>
    internal nint Join()
    {
        Send(Descriptors);
        Assert.Equal(Exports.Ok, TryJoin(out nint consumer));
        _owned.Insert(0, new Consumer(consumer));
        return consumer;
    }

    internal void Close() => _connection.Dispose();

    public void Dispose() => _owned.ForEach(one => one.Dispose());

    private MemoryFile NewFile(ulong bytes, MemorySeals seals, out MemoryMapping mapping)
    {
        MemoryFile file = Own(MemoryFile.Create("vigil forged", (long)bytes));
        mapping = Own(MemoryMapping.Create(file, (long)bytes, writable: true, populate: true));
        if (seals != MemorySeals.None)
        {
            file.AddSeals(seals);
        }

        return file;
    }

    private T Own<T>(T one)
        where T : IDisposable
    {
        _owned.Add(one);
        return one;
    }

    private static int NumberOf(SafeHandle handle) => (int)handle.DangerousGetHandle();

    private sealed class Consumer(nint handle) : IDisposable
    {
        public void Dispose() => Exports.DestroyConsumer(handle);
    }
}
