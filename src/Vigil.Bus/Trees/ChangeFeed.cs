using Microsoft.Win32.SafeHandles;
using Vigil.Bus.Records;
using Vigil.Platform;
using Vigil.Platform.Linux;
using Vigil.Rings;
using Vigil.Watching;

namespace Vigil.Bus.Trees;

/// <summary>
/// One ring for all subscribers that want the same of a tree. The writer waits for nobody: who has no room left is
/// evicted, and comes back for what it missed. Under the gate of its tree, but for what is said to be thread-safe.
/// </summary>
internal sealed class ChangeFeed : IRecordSink, IDisposable
{
    private const int MaxConsumers = 4096;

    // Shown to the readers after so many, and at the end of a batch: a wake for each is dear, and so is waiting long.
    private const int RecordsTogether = 64;

    private readonly RingProducer _ring;
    private readonly ChangeSieve _sieve;
    private readonly FileOpener? _opener;
    private byte[] _scratch = [];
    private int _begun;
    private int _reserved;

    internal ChangeFeed(FeedKey key, SieveRules rules, FileOpener? opener, BusServerOptions options)
    {
        Key = key;
        _sieve = new ChangeSieve(rules);
        _opener = opener;
        _ring = RingProducer.Create(new RingOptions
        {
            CapacityBytes = options.RingBytes,
            MaxConsumers = MaxConsumers,
            StallTimeout = options.StallTimeout,
        });
    }

    internal FeedKey Key { get; }

    /// <summary>How many subscribers it has.</summary>
    internal int Users { get; set; }

    /// <summary>How many records it wrote. Any thread.</summary>
    internal long Records { get; private set; }

    /// <summary>How many records of the tree went by since it wrote one.</summary>
    internal int Silence { get; set; }

    /// <summary>Bytes of its ring. Thread-safe.</summary>
    internal long RingBytes => _ring.CapacityBytes;

    /// <summary>Its consumers. Thread-safe.</summary>
    internal RingConsumerInfo[] GetConsumers() => _ring.GetConsumers();

    /// <summary>Lets a subscriber in: it reads from now on.</summary>
    internal RingStatus Admit(UnixSocket connection, out ulong consumerId) =>
        _ring.Admit(connection, RingWakeMode.Push, out consumerId);

    /// <summary>Takes a subscriber out. Thread-safe.</summary>
    internal void Remove(ulong consumerId) => _ = _ring.Evict(consumerId);

    /// <summary>Who was evicted since this was asked last. Thread-safe.</summary>
    internal bool TryTakeEviction(out RingEviction eviction) => _ring.Evictions.TryRead(out eviction);

    /// <summary>Looks for subscribers that are dead or hang. Thread-safe.</summary>
    internal void Scan() => _ring.Scan();

    /// <summary>Takes the next record of the tree.</summary>
    /// <param name="record">The record.</param>
    /// <param name="identity">Which file it is about; 0 where that is not known.</param>
    internal void Take(in ChangeRecord record, ulong identity)
    {
        long before = Records;
        _sieve.Identity = identity;
        _sieve.Take(record, this);
        Silence = Records == before ? Silence + 1 : 0;
    }

    /// <summary>Says where the stream is; with the number of a sync, to the one who asked.</summary>
    internal void Mark(long number, ulong answer)
    {
        ChangeRecord.Write(
            Begin(ChangeRecord.HeaderBytes),
            new RecordFields { Kind = RecordFields.Mark, Number = number, Extra = answer },
            default);
        End();
        Silence = 0;
    }

    /// <summary>Shows the readers all that was written.</summary>
    internal void Flush()
    {
        if (_reserved > 0)
        {
            _reserved = 0;
            _ring.Commit();
        }
    }

    public Span<byte> Begin(int bytes)
    {
        _begun = bytes;
        if (_opener is not null)
        {
            if (_scratch.Length < bytes)
            {
                _scratch = new byte[Math.Max(bytes, 2 * _scratch.Length)];
            }

            return _scratch.AsSpan(0, bytes);
        }

        Span<byte> room;
        while (!_ring.TryReserve(bytes, out room))
        {
            Flush();
            if (_ring.TryReserve(bytes, out room))
            {
                break;
            }

            _ = _ring.EvictBlocking(bytes);
        }

        return room;
    }

    public void End()
    {
        Records++;
        if (_opener is not null)
        {
            WriteWithDescriptor(_scratch.AsSpan(0, _begun));
        }
        else if (++_reserved == RecordsTogether)
        {
            Flush();
        }
    }

    public void Dispose()
    {
        _ring.Dispose();
        _opener?.Dispose();
    }

    private void WriteWithDescriptor(Span<byte> record)
    {
        using SafeFileHandle? file = Open(record);
        while (!(file is null ? _ring.TryWrite(record) : _ring.TryWrite(record, [file])))
        {
            _ = _ring.EvictBlocking(record.Length);
        }
    }

    private SafeFileHandle? Open(Span<byte> bytes)
    {
        _ = ChangeRecord.TryRead(bytes, out ChangeRecord record);
        if ((FileChangeKind)record.Kind is not (FileChangeKind.Created or FileChangeKind.Closed)
            || record.Type != EntryType.File)
        {
            return null;
        }

        SafeFileHandle? file = _opener!.TryOpen(record.Path, record.Extra, out Failure failure);
        RecordFlags flag = file is null ? RecordFlags.WithoutDescriptor : RecordFlags.WithDescriptor;
        ChangeRecord.SetDescriptor(bytes, flag, failure);
        return file;
    }
}
