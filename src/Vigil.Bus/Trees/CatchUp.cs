using Vigil.Bus.Records;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Bus.Trees;

/// <summary>
/// What a subscriber needs to get to now: records in one sealed piece of memory, of any size and on its way at once.
/// </summary>
internal sealed class CatchUp : IDisposable
{
    private const string MemoryName = "vigil-bus-records";

    // Nobody can change or cut it any more, the server included.
    private const MemorySeals Sealed =
        MemorySeals.Shrink | MemorySeals.Grow | MemorySeals.Write | MemorySeals.Seal;

    private CatchUp(CatchUpMode mode, long through, MemoryFile? records, long lengthBytes)
    {
        Mode = mode;
        Through = through;
        Records = records;
        LengthBytes = lengthBytes;
    }

    /// <summary>How it leads there; a state serves also as a fresh one.</summary>
    internal CatchUpMode Mode { get; }

    /// <summary>The last change that is in it: what the ring has up to there is to be passed over.</summary>
    internal long Through { get; }

    /// <summary>The records; null where there are none.</summary>
    internal MemoryFile? Records { get; }

    internal long LengthBytes { get; }

    public void Dispose() => Records?.Dispose();

    /// <summary>Nothing, for who wants what comes from now on.</summary>
    internal static CatchUp Live(long through) => new(CatchUpMode.Live, through, null, 0);

    /// <summary>The changes since a position.</summary>
    /// <param name="copy">The records of the tree from there on.</param>
    /// <param name="rules">What is wanted of them.</param>
    /// <param name="after">The last number that is not wanted.</param>
    /// <param name="through">The last number that is.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The changes; null where they cannot be told: the root was gone in between, or what a rename moved along
    /// is needed and no longer kept. Then its state is what leads to now.</returns>
    internal static CatchUp? FromHistory(
        HistoryCopy copy, SieveRules rules, long after, long through, CancellationToken cancellation)
    {
        ReadOnlySpan<byte> history = copy.Records;
        var sieve = new ChangeSieve(rules) { After = after };
        var records = new RecordBuffer();
        while (ChangeRecord.TryRead(history, out ChangeRecord record))
        {
            cancellation.ThrowIfCancellationRequested();
            if (record.Number > through)
            {
                break;
            }

            if (record.Number > after && record.Kind == (byte)FileChangeKind.Renamed
                && record.Extra != 0 && (long)record.Extra < copy.ListedFrom && sieve.NeedsGroup(record))
            {
                return null;
            }

            sieve.Take(record, records);
            history = history[record.Bytes.Length..];
        }

        if (sieve.HasToldGone)
        {
            return null;
        }

        return new CatchUp(CatchUpMode.History, through, Share(records.Bytes), records.Bytes.Length);
    }

    /// <summary>All that is there.</summary>
    internal static unsafe CatchUp FromState(TreeSnapshot snapshot, SieveRules rules)
    {
        const CatchUpMode mode = CatchUpMode.State;
        var sieve = new ChangeSieve(rules);
        long bytes = 0;
        foreach (TreeEntry entry in snapshot)
        {
            bytes += sieve.Passes(entry.PathBytes, entry.Type) ? ChangeRecord.SizeOf(entry.PathBytes.Length, 0, 0) : 0;
        }

        if (bytes == 0)
        {
            return new CatchUp(mode, snapshot.Sequence, null, 0);
        }

        MemoryFile file = MemoryFile.Create(MemoryName, bytes);
        try
        {
            long now = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            using (var mapping = MemoryMapping.Create(file, bytes, writable: true, populate: true))
            {
                byte* at = mapping.Address;
                foreach (TreeEntry entry in snapshot)
                {
                    if (sieve.Passes(entry.PathBytes, entry.Type))
                    {
                        at += WriteEntry(at, entry, now);
                    }
                }
            }

            file.AddSeals(Sealed);
            return new CatchUp(mode, snapshot.Sequence, file, bytes);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Some bytes in sealed memory; null for none.</summary>
    internal static unsafe MemoryFile? Share(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return null;
        }

        MemoryFile file = MemoryFile.Create(MemoryName, bytes.Length);
        try
        {
            using (var mapping = MemoryMapping.Create(file, bytes.Length, writable: true, populate: true))
            {
                bytes.CopyTo(new Span<byte>(mapping.Address, bytes.Length));
            }

            file.AddSeals(Sealed);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static unsafe int WriteEntry(byte* at, in TreeEntry entry, long time)
    {
        int size = ChangeRecord.SizeOf(entry.PathBytes.Length, 0, 0);
        ChangeRecord.Write(
            new Span<byte>(at, size),
            new RecordFields
            {
                Kind = (byte)FileChangeKind.Created,
                Type = entry.Type,
                Flags = RecordFlags.Initial,
                TimeMicroseconds = time,
            },
            entry.PathBytes);
        return size;
    }
}
