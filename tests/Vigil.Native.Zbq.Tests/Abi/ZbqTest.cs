using System.Runtime.InteropServices;
using Vigil.Platform.Linux;
using Vigil.Rings;

[assembly: CollectionBehavior(DisableTestParallelization = true)] // they count the descriptors of the process

namespace Vigil.Native.Zbq.Tests;

/// <summary>
/// A test through the C interface. What it opens is closed at its end, and then as many descriptors and mappings are
/// open as at its beginning: nothing that it did leaked.
/// </summary>
public abstract unsafe class ZbqTest : IDisposable
{
    internal const ulong Capacity = 64 * 1024;
    internal const int HeaderBytes = RingMessageHeader.SizeBytes;

    private readonly List<nint> _producers = [];
    private readonly List<nint> _consumers = [];
    private readonly List<IDisposable> _owned = [];
    private readonly string[] _open;
    private readonly int _mappings;

    protected ZbqTest()
    {
        // What the library and the runtime keep open from their first use on.
        Exports.DestroyProducer(0);
        using (new TempTree())
        {
        }

        _open = OpenDescriptors.All;
        _mappings = OpenDescriptors.Mappings;
    }

    public void Dispose()
    {
        _consumers.ForEach(Exports.DestroyConsumer);
        _producers.ForEach(Exports.DestroyProducer);
        _owned.ForEach(one => one.Dispose());
        string[] open = OpenDescriptors.All;
        Assert.Equal(("", ""), (string.Join(", ", open.Except(_open)), string.Join(", ", _open.Except(open))));
        Assert.Equal(_mappings, OpenDescriptors.Mappings);
        GC.SuppressFinalize(this);
    }

    /// <summary>Something that is disposed at the end of the test.</summary>
    private protected T Own<T>(T one)
        where T : IDisposable
    {
        _owned.Add(one);
        return one;
    }

    private protected nint NewProducer(
        ulong capacity = Capacity, ulong clogThreshold = 1, ulong stallTimeoutNs = 0, uint maxConsumers = 4)
    {
        RingParameters parameters = new()
        {
            CapacityBytes = capacity,
            ClogThreshold = clogThreshold,
            StallTimeoutNs = stallTimeoutNs,
            MaxConsumers = maxConsumers,
        };
        nint producer;
        Assert.Equal(Exports.Ok, Exports.CreateProducer(&producer, &parameters));
        _producers.Add(producer);
        return producer;
    }

    /// <summary>A connection, and its other end; both are closed at the end of the test.</summary>
    private protected (int Ours, int Theirs) NewConnection()
    {
        UnixSocket ours = Own(UnixSocket.CreatePair(out UnixSocket theirs));
        return (NumberOf(ours), NumberOf(Own(theirs)));
    }

    private protected nint NewConsumer(nint producer, int mode = Exports.Push) => NewConsumer(producer, mode, out _);

    private protected nint NewConsumer(nint producer, int mode, out uint slot)
    {
        (int ours, int theirs) = NewConnection();
        uint given;
        Assert.Equal(Exports.Ok, Exports.Handshake(producer, ours, mode, &given));
        slot = given;
        nint consumer;
        Assert.Equal(Exports.Ok, Exports.Join(theirs, mode, &consumer));
        _consumers.Add(consumer);
        return consumer;
    }

    /// <summary>Descriptors that can be told apart from all others; closed at the end of the test.</summary>
    private protected int[] NewDescriptors(int count)
    {
        var descriptors = new int[count];
        for (int i = 0; i < count; i++)
        {
            descriptors[i] = NumberOf(Own(UnixSocket.CreatePair(out UnixSocket other)));
            other.Dispose();
        }

        return descriptors;
    }

    /// <summary>Sends descriptors to who takes part in a ring.</summary>
    private protected static int Broadcast(nint producer, ulong sequenceId, params int[] descriptors)
    {
        fixed (int* all = descriptors)
        {
            return Exports.Broadcast(producer, sequenceId, all, (byte)descriptors.Length);
        }
    }

    /// <summary>Receives descriptors, says what they refer to, and closes them.</summary>
    private protected static int Receive(nint consumer, ulong sequenceId, out string[] targets)
    {
        int* descriptors = stackalloc int[Exports.MaxDescriptors];
        byte count = 77;
        int status = Exports.Receive(consumer, sequenceId, descriptors, &count);
        targets = new string[count];
        for (int i = 0; i < count; i++)
        {
            Assert.True(OpenDescriptors.IsCloseOnExec(descriptors[i]));
            targets[i] = OpenDescriptors.TargetOf(descriptors[i]);
            Assert.Equal(0, Libc.Close(descriptors[i]));
        }

        return status;
    }

    /// <summary>Writes one message with bytes 0, 1, 2 … and commits it.</summary>
    /// <returns>How many bytes of the ring it took.</returns>
    private protected static ulong Send(nint producer, int payloadBytes = 48, RingMessageHeader header = default)
    {
        ulong bytes = (ulong)(HeaderBytes + payloadBytes + 15) & ~15UL;
        RingRun run = Exports.Query(producer);
        Assert.True(run.MaxBytes >= bytes, $"room for {run.MaxBytes} bytes, {bytes} are needed");
        header.PayloadBytes = (uint)payloadBytes;
        *(RingMessageHeader*)run.Base = header;
        for (int i = 0; i < payloadBytes; i++)
        {
            run.Base[HeaderBytes + i] = (byte)i;
        }

        Assert.True(Exports.Commit(producer, bytes, 0));
        return bytes;
    }

    /// <summary>The message at the tail, which must be there.</summary>
    private protected static RingMessageView Peek(nint consumer)
    {
        RingMessageView view;
        Assert.Equal(Exports.Ok, Exports.Peek(consumer, &view));
        return view;
    }

    /// <summary>What a peek answers where there is nothing, and that it leaves the view alone.</summary>
    private protected static int PeekNothing(nint consumer)
    {
        RingMessageView view;
        new Span<byte>(&view, sizeof(RingMessageView)).Fill(0xa5);
        int status = Exports.Peek(consumer, &view);
        Assert.Equal(-1, new Span<byte>(&view, sizeof(RingMessageView)).IndexOfAnyExcept((byte)0xa5));
        return status;
    }

    private protected static int NumberOf(SafeHandle handle) => (int)handle.DangerousGetHandle();
}
