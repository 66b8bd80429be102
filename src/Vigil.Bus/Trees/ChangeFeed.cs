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
/// <remarks>
/// What takes long (opening files, much to match) is done on a thread of the feed's own, so that no other feed waits
/// for it; and so is, from the first such on, what comes of renames of large directories, which may be more than a ring
/// holds. Such a thread may wait a moment for readers that are behind. A feed that cannot go on is lost: its
/// subscribers are evicted, and the next who asks begins a new one.
/// </remarks>
internal sealed class ChangeFeed : IRecordSink, IDisposable
{
    private const int MaxConsumers = 4096;

    // Shown to the readers after so many, and at the end of a batch: a wake for each is dear, and so is waiting long.
    private const int RecordsTogether = 64;

    // A feed that has nothing to tell for so many records says where the stream is, so that its readers' positions stay
    // among what is kept.
    private const int LongestSilence = 4096;

    // What a rename's group has of a ring before it is written by a thread.
    private const int GroupPart = 8;

    // How much may wait for the thread, in rings.
    private const int BatchesWaiting = 4;

    // As many a second as that makes is what readers of descriptors have to take at least.
    private const double DescriptorMs = 2;

    private readonly RingProducer _ring;
    private readonly ChangeSieve _sieve;
    private readonly bool _seesAll;
    private readonly FileOpener? _opener;
    private readonly FeedThreads _threads;
    private readonly ReaderPatience _patience;
    private readonly Action<string>? _log;
    private FeedLoop? _loop;
    private byte[] _scratch = [];
    private int _begun;
    private int _reserved;
    private bool _isTooLarge;
    private volatile int _silence;
    private volatile bool _isLost;
    private int _isDisposed;
    private int _isEnded;

    /// <summary>A feed without subscribers.</summary>
    /// <param name="key">What it is for.</param>
    /// <param name="rules">What it tells.</param>
    /// <param name="opener">Opens what it tells, and is disposed with it; null where none is wanted.</param>
    /// <param name="options">How large its ring is, and how long a subscriber may stand still.</param>
    /// <param name="threads">Where it gets a thread from.</param>
    /// <exception cref="VigilException">There is no memory for its ring; the opener is still the caller's.</exception>
    internal ChangeFeed(
        FeedKey key, SieveRules rules, FileOpener? opener, BusServerOptions options, FeedThreads threads)
    {
        Key = key;
        Cost = rules.Cost;
        _sieve = new ChangeSieve(rules);
        _seesAll = rules.SeesAll;
        _opener = opener;
        _log = options.Log;
        _threads = threads;
        _patience = new ReaderPatience(options.ReaderPatience);
        _ring = RingProducer.Create(new RingOptions
        {
            CapacityBytes = options.RingBytes,
            MaxConsumers = MaxConsumers,
            StallTimeout = options.StallTimeout,
        });
        if (NeedsThread(rules, opener is not null))
        {
            StartLoop();
        }
    }

    internal FeedKey Key { get; }

    /// <summary>How much there is to match for each record: the cheap ones are served first.</summary>
    internal int Cost { get; }

    /// <summary>How many subscribers it has.</summary>
    internal int Users { get; set; }

    /// <summary>How many records it wrote. Thread-safe.</summary>
    internal long Records { get; private set; }

    /// <summary>Whether it cannot go on. Thread-safe.</summary>
    internal bool IsLost => _isLost;

    /// <summary>Bytes of its ring. Thread-safe.</summary>
    internal long RingBytes => _ring.CapacityBytes;

    /// <summary>Whether such a feed is written by a thread of its own.</summary>
    internal static bool NeedsThread(SieveRules rules, bool withDescriptors) =>
        withDescriptors || rules.Cost > SieveRules.CheapCost;

    /// <summary>Its consumers. Thread-safe.</summary>
    internal RingConsumerInfo[] GetConsumers() => _ring.GetConsumers();

    /// <summary>Whether somebody still is a consumer. Thread-safe.</summary>
    internal bool Has(ulong consumerId) => Array.Exists(_ring.GetConsumers(), c => c.ConsumerId == consumerId);

    /// <summary>Lets a subscriber in: it reads from now on, and maybe some records that were told before.</summary>
    internal RingStatus Admit(UnixSocket connection, out ulong consumerId) =>
        _ring.Admit(connection, RingWakeMode.Push, out consumerId);

    /// <summary>Takes a subscriber out. Thread-safe.</summary>
    internal void Remove(ulong consumerId) => _ = _ring.Evict(consumerId);

    /// <summary>Who was evicted since this was asked last. Thread-safe.</summary>
    internal bool TryTakeEviction(out RingEviction eviction) => _ring.Evictions.TryRead(out eviction);

    /// <summary>Looks for subscribers that are dead or hang. Thread-safe.</summary>
    internal void Scan() => _ring.Scan();

    /// <summary>Takes the next records of the tree, and shows the readers what comes of them.</summary>
    /// <param name="records">The records, as <see cref="TreeRecords"/> has them.</param>
    /// <param name="listedBytes">What of them only says what a rename moves along.</param>
    /// <param name="through">Where the stream is with them.</param>
    internal void Take(ReadOnlySpan<byte> records, int listedBytes, long through)
    {
        try
        {
            if (_loop is null && !_seesAll && _sieve.GroupBytes + listedBytes > _ring.CapacityBytes / GroupPart
                && _threads.TryTake(Key.Foreign))
            {
                StartLoop();
            }

            if (_loop is null)
            {
                TakeAll(records);
            }
            else if (!_loop.TryPost(records, listedBytes))
            {
                Lose("it has too much to do to keep up");
            }

            if (_silence > LongestSilence)
            {
                Mark(through, answer: 0);
            }
        }
        catch (Exception e)
        {
            Lose($"{e.GetType().Name}: {e.Message}");
        }
    }

    /// <summary>Says where the stream is; with the number of a sync, to the one who asked.</summary>
    internal void Mark(long number, ulong answer)
    {
        Span<byte> mark = stackalloc byte[TreeRecords.PrefixBytes + ChangeRecord.HeaderBytes];
        ChangeRecord.Write(
            TreeRecords.Prefix(mark, identity: 0),
            new RecordFields { Kind = RecordFields.Mark, Number = number, Extra = answer },
            default);
        _silence = 0;
        if (_loop is null)
        {
            TakeAll(mark);
        }
        else if (!_loop.TryPost(mark))
        {
            Lose("it has too much to do to keep up");
            EvictIfLost();
        }
    }

    /// <summary>Takes out who was let in while it was lost on another thread. Thread-safe.</summary>
    internal void EvictIfLost() => _ = _isLost ? _ring.EvictAll() : 0;

    public Span<byte> Begin(int bytes)
    {
        _begun = bytes;
        _isTooLarge = bytes > _ring.MaxPayloadBytes;
        if (_opener is not null || _isTooLarge)
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

            if (!WaitForReaders())
            {
                _ = _ring.EvictBlocking(bytes);
            }
        }

        // As much as a ring a second is what readers have to read at least.
        _patience.Earn(1000.0 * bytes / _ring.CapacityBytes);
        return room;
    }

    public void End()
    {
        Records++;
        if (_isTooLarge)
        {
            // No ring can carry it. What catches them up can: that has the size that it needs.
            _scratch = [];
            Flush();
            _ = _ring.EvictAll();
        }
        else if (_opener is not null)
        {
            WriteWithDescriptor(_scratch.AsSpan(0, _begun));
        }
        else if (++_reserved == RecordsTogether)
        {
            Flush();
        }
    }

    /// <summary>The tree has ended: what was told by then comes to the readers, and then the end.</summary>
    internal void Finish()
    {
        if (_loop is null)
        {
            Dispose();
            return;
        }

        _isLost = true;
        _loop.Finish();
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        _isLost = true;
        EndRing();
        _loop?.Dispose();
        if (_loop is null)
        {
            _threads.EndFeed(Key.Foreign, withThread: false);
        }
    }

    private void EndRing()
    {
        if (Interlocked.Exchange(ref _isEnded, 1) == 0)
        {
            _patience.Dispose();
            _ring.Dispose();
        }
    }

    private void StartLoop() => _loop = new FeedLoop(BatchesWaiting * _ring.CapacityBytes, TakeAll, EndLoop);

    // On the feed's own thread alone, and where that is not behind itself.
    private bool WaitForReaders() => _loop is { IsPressed: false } && _patience.Wait();

    // One thread's: that of the loop, or whoever has the gate.
    private void TakeAll(ReadOnlySpan<byte> records)
    {
        while (TreeRecords.TryRead(ref records, out ChangeRecord record, out ulong identity))
        {
            if (record.Kind == RecordFields.Mark)
            {
                record.Bytes.CopyTo(Begin(record.Bytes.Length));
                End();
                continue;
            }

            long before = Records;
            _sieve.Identity = identity;
            _sieve.Take(record, this);
            _silence = Records == before ? _silence + 1 : 0;
        }

        Flush();
    }

    private void Flush()
    {
        if (_reserved > 0)
        {
            _reserved = 0;
            _ring.Commit();
        }
    }

    private void Lose(string reason)
    {
        if (!_isLost)
        {
            _isLost = true;
            _log?.Invoke($"a feed of {Key.Root} begins anew: {reason}");
            _ = _ring.EvictAll();
        }
    }

    private void EndLoop(Exception? failure)
    {
        if (failure is not null)
        {
            Lose($"{failure.GetType().Name}: {failure.Message}");
        }

        EndRing();
        _opener?.Dispose();
        _threads.EndFeed(Key.Foreign, withThread: true);
    }

    private void WriteWithDescriptor(Span<byte> record)
    {
        // Open while it waits: what it is does not change any more.
        using SafeFileHandle? file = Open(record);
        if (file is not null)
        {
            while (!_ring.CanSendDescriptors(1) && WaitForReaders())
            {
            }

            _patience.Earn(DescriptorMs);
        }

        while (!(file is null ? _ring.TryWrite(record) : _ring.TryWrite(record, [file])))
        {
            if (!WaitForReaders())
            {
                _ = _ring.EvictBlocking(record.Length);
            }
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
