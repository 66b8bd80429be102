using System.Buffers.Binary;

namespace Vigil.Bus.Records;

/// <summary>
/// Records on their way from a tree to its feeds: before each, which file it is about, as a record itself says that
/// of some kinds alone.
/// </summary>
internal static class TreeRecords
{
    internal const int PrefixBytes = sizeof(ulong);

    /// <summary>Writes what comes before a record.</summary>
    /// <param name="room">Room for that and the record.</param>
    /// <param name="identity">Which file; 0 where that is not known.</param>
    /// <returns>The room of the record.</returns>
    internal static Span<byte> Prefix(Span<byte> room, ulong identity)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(room, identity);
        return room[PrefixBytes..];
    }

    /// <summary>Takes the first record of some.</summary>
    /// <param name="records">The records; what is left of them.</param>
    /// <param name="record">The record.</param>
    /// <param name="identity">Which file it is about; 0 where that is not known.</param>
    /// <returns>False where there is none.</returns>
    internal static bool TryRead(ref ReadOnlySpan<byte> records, out ChangeRecord record, out ulong identity)
    {
        record = default;
        identity = 0;
        if (records.Length <= PrefixBytes || !ChangeRecord.TryRead(records[PrefixBytes..], out record))
        {
            return false;
        }

        identity = BinaryPrimitives.ReadUInt64LittleEndian(records);
        records = records[(PrefixBytes + record.Bytes.Length)..];
        return true;
    }
}
