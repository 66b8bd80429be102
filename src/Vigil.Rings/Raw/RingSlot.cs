using System.Runtime.CompilerServices;
using Vigil.Platform.Linux;

namespace Vigil.Rings;

/// <summary>A consumer, as its producer sees it: its page, its side socket, its process. Guarded by the producer's
/// gate, but for what is said to be the writer's.</summary>
internal sealed unsafe class RingSlot : IDisposable
{
    private const uint SaysNothing = 0;

    /// <summary>In <see cref="RingConsumerPage.Waiting"/>.</summary>
    internal const uint IsAwake = 1;

    private readonly RingConsumerPage* _page;

    // How many descriptors each record has that the consumer has not received, the oldest first.
    private readonly Queue<int> _underWay = new();
    private int _recordMemory;
    private int _socketMemory;
    private int _descriptorsUnderWay;

    // The writer's own: the sleep that it woke last, and whether it did so a second time.
    private uint _wokenSleep = IsAwake;
    private bool _isWokenTwice;

    internal RingSlot(uint index, ulong id, RingWakeMode mode, MemoryMapping mapping, UnixSocket side)
    {
        Index = index;
        Id = id;
        Mode = mode;
        Mapping = mapping;
        Side = side;
        _page = (RingConsumerPage*)mapping.Address;
    }

    internal uint Index { get; }

    /// <summary>Never given twice by one producer.</summary>
    internal ulong Id { get; }

    internal RingWakeMode Mode { get; }

    internal MemoryMapping Mapping { get; }

    internal UnixSocket Side { get; }

    internal ProcessHandle? Process { get; init; }

    internal int ProcessId { get; init; }

    internal ulong BaselineNs { get; init; }

    /// <summary>The last tail that was found to be in order.</summary>
    internal ulong Tail { get; set; }

    /// <summary>Where it stood when it had read everything, the last time that was seen.</summary>
    internal ulong CaughtUpAt { get; set; }

    /// <summary>Since when it has something to read and does not move: nanoseconds, 0 if it does.</summary>
    internal ulong BlockedSinceNs { get; set; }

    /// <summary>Since when it is far behind: nanoseconds, 0 if it is not.</summary>
    internal ulong BehindSinceNs { get; set; }

    /// <summary>How many messages it got without their descriptors.</summary>
    internal long MissedRecords { get; set; }

    internal RingConsumerPage* Page => _page;

    /// <summary>How many descriptors were sent to it that it has not received.</summary>
    internal int CountUnderWay()
    {
        // All records take the same memory in the kernel: so what is left tells how many they are.
        int left = _underWay.Count == 0 ? 0 : Side.UnreceivedBytes / _recordMemory;
        while (_underWay.Count > left)
        {
            _descriptorsUnderWay -= _underWay.Dequeue();
        }

        return _descriptorsUnderWay;
    }

    /// <summary>Whether its side socket takes one more record.</summary>
    internal bool HasRoom => Side.UnreceivedBytes < (_socketMemory == 0
        ? _socketMemory = Side.SendBufferBytes
        : _socketMemory);

    /// <summary>Counts descriptors that were sent just now; <see cref="CountUnderWay"/> was asked before.</summary>
    internal void AddUnderWay(int descriptors)
    {
        if (_underWay.Count == 0)
        {
            // Nothing else is there, so this is what one record takes; nothing, if it was received already.
            _recordMemory = Side.UnreceivedBytes;
        }

        if (_recordMemory > 0)
        {
            _underWay.Enqueue(descriptors);
            _descriptorsUnderWay += descriptors;
        }
    }

    /// <summary>How it stands, for anybody on any thread; null once it is taken out.</summary>
    internal RingConsumerInfo? TryDescribe(RawRingProducer producer)
    {
        bool taken = false;
        try
        {
            Mapping.DangerousAddRef(ref taken);

            // The tail first: the head is never behind a tail that was read before it.
            ulong tail = Volatile.Read(ref _page->Tail);
            ulong unread = Math.Min(producer.Head - tail, producer.CapacityBytes);
            return new RingConsumerInfo(Id, Index, ProcessId, Mode, unread, MissedRecords);
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
        finally
        {
            if (taken)
            {
                Mapping.DangerousRelease();
            }
        }
    }

    /// <summary>
    /// Whether the consumer sleeps and has to be woken for this commit. Two wakes end a sleep for certain, one does
    /// not: the first commit that finds a sleep may be the one whose word the consumer took before it, so its wake may
    /// come too early, and its word is no news. By the next one the word has changed: who is not asleep yet does not
    /// fall asleep, and who is gets the second wake.
    /// </summary>
    internal bool NeedsWake()
    {
        uint waiting = Volatile.Read(ref _page->Waiting); // SYNC POINT: waiting
        if (waiting == IsAwake)
        {
            return false;
        }

        bool isWoken = waiting == _wokenSleep;
        if (waiting != SaysNothing && isWoken && _isWokenTwice)
        {
            return false;
        }

        _isWokenTwice = isWoken;
        _wokenSleep = waiting;
        return true;
    }

    /// <summary>Tells the consumer that it is none any more, by its page and by its socket.</summary>
    internal void Revoke(RingEvictionReason reason)
    {
        Volatile.Write(ref _page->Evicted, (uint)reason); // SYNC POINT: evicted
        Interlocked.MemoryBarrier();
        Hangup();
    }

    internal void Hangup() => Side.Shutdown();

    public void Dispose()
    {
        Side.Dispose();
        Process?.Dispose();
        Mapping.Dispose();
    }
}
