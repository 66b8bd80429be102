using System.Diagnostics;
using Vigil.Platform.Linux;
using Vigil.Testing;

namespace Vigil.Rings.Tests;

/// <summary>
/// A producer with a small ring, and a consumer in this process, which reads all there is on the thread that writes. So
/// only somebody else can hold the ring up.
/// </summary>
internal sealed class Stage : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TempTree _tree = TempTree.InMemory();
    private readonly RingListener _door;
    private readonly RingConsumer _good;
    private readonly NumberedWriter _writer;
    private readonly NumberedReader _reader;

    internal Stage(TimeSpan stall, TimeSpan slow)
    {
        Producer = RingProducer.Create(new RingOptions
        {
            CapacityBytes = 1 << 16,
            StallTimeout = stall,
            SlowTimeout = slow,
        });
        _door = Producer.Listen(Path);
        _good = RingConsumer.JoinAsync(Path).GetAwaiter().GetResult();
        _writer = new NumberedWriter(Producer);
        _reader = new NumberedReader(_good);
    }

    internal RingProducer Producer { get; }

    internal string Path => _tree.At("ring");

    public void Dispose()
    {
        _good.Dispose();
        _door.Dispose();
        Producer.Dispose();
        _tree.Dispose();
    }

    internal HostProcess StartHostile()
    {
        HostProcess host = HostProcess.Start("hostile", Path);
        Assert.Equal("1", host.Answer("joined"));
        return host;
    }

    internal RingStatus JoinRaw(out RawRingConsumer? consumer)
    {
        using UnixSocket connection = UnixSocket.Connect(Path);
        return RawRingConsumer.Join(connection, null, RawRingConsumer.JoinTimeoutMs, out consumer);
    }

    /// <summary>Tries to write so many messages; reads here what there is.</summary>
    internal void Write(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _ = _writer.TryWrite();
            if (i % 64 == 63)
            {
                _ = _reader.ReadBatch();
            }
        }

        _ = _reader.ReadBatch();
    }

    /// <summary>
    /// Expects the process to be evicted, by a scan or by nothing but writing, and to join again in the same place.
    /// </summary>
    internal void ExpectEviction(RingEvictionReason reason, HostProcess host, bool isScanned = true)
    {
        RingEviction eviction = default;
        long start = Stopwatch.GetTimestamp();
        while (!Producer.Evictions.TryRead(out eviction))
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"nobody is evicted as {reason}");
            if (isScanned)
            {
                Producer.Scan();
            }

            Write(100);
        }

        Assert.Equal((reason, 1u, host.Id), (eviction.Reason, eviction.Slot, eviction.ProcessId));
        Assert.Equal("1", host.Ask("again", "joined"));
    }

    /// <summary>Expects that the consumer here read each message, and is still one.</summary>
    internal void ExpectEverythingRead()
    {
        Write(1_000);
        while (_reader.Next != _writer.Next)
        {
            Assert.NotEqual(0, _reader.ReadBatch());
        }

        Assert.Equal(_writer.Checksum, _reader.Checksum);
        Assert.True(_reader.Count > 1_000);
        Assert.Equal(RingEvictionReason.None, _good.Evicted);
    }
}
