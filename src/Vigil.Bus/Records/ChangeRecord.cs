using System.Buffers.Binary;
using Vigil.Platform;

namespace Vigil.Bus.Records;

/// <summary>
/// A change as it lies in rings, in histories and in what is sent to catch up: docs/bus-record.md. A view of bytes,
/// which have been checked to be whole; they may be another process's, so each field is read once.
/// </summary>
internal readonly ref struct ChangeRecord
{
    internal const int HeaderBytes = 48;
    internal const int AlignmentBytes = 8;
    internal const byte Version = 1;

    private const int HeaderBytesAt = 4;
    private const int VersionAt = 6;
    private const int KindAt = 7;
    private const int TypeAt = 8;
    private const int FailureAt = 9;
    private const int FlagsAt = 10;
    private const int PathBytesAt = 12;
    private const int OldPathBytesAt = 16;
    private const int ReasonBytesAt = 20;
    private const int NumberAt = 24;
    private const int TimeAt = 32;
    private const int ExtraAt = 40;

    private readonly int _pathAt;
    private readonly int _pathBytes;
    private readonly int _oldPathBytes;
    private readonly int _reasonBytes;

    private ChangeRecord(ReadOnlySpan<byte> bytes, int pathAt, int pathBytes, int oldPathBytes, int reasonBytes)
    {
        Bytes = bytes;
        _pathAt = pathAt;
        _pathBytes = pathBytes;
        _oldPathBytes = oldPathBytes;
        _reasonBytes = reasonBytes;
    }

    /// <summary>All of it, what pads it included.</summary>
    internal ReadOnlySpan<byte> Bytes { get; }

    internal RecordFields Fields => new()
    {
        Kind = Bytes[KindAt],
        Type = (EntryType)Bytes[TypeAt],
        Failure = (Failure)Bytes[FailureAt],
        Flags = (RecordFlags)BinaryPrimitives.ReadUInt16LittleEndian(Bytes[FlagsAt..]),
        Number = Number,
        TimeMicroseconds = BinaryPrimitives.ReadInt64LittleEndian(Bytes[TimeAt..]),
        Extra = Extra,
    };

    internal byte Kind => Bytes[KindAt];

    internal EntryType Type => (EntryType)Bytes[TypeAt];

    internal long Number => BinaryPrimitives.ReadInt64LittleEndian(Bytes[NumberAt..]);

    internal ulong Extra => BinaryPrimitives.ReadUInt64LittleEndian(Bytes[ExtraAt..]);

    internal ReadOnlySpan<byte> Path => Bytes.Slice(_pathAt, _pathBytes);

    internal ReadOnlySpan<byte> OldPath => Bytes.Slice(_pathAt + _pathBytes, _oldPathBytes);

    /// <summary>The path, and right behind it the old one.</summary>
    internal ReadOnlySpan<byte> Paths => Bytes.Slice(_pathAt, _pathBytes + _oldPathBytes);

    internal ReadOnlySpan<byte> Reason => Bytes.Slice(_pathAt + _pathBytes + _oldPathBytes, _reasonBytes);

    /// <summary>How many bytes a record takes.</summary>
    internal static int SizeOf(int pathBytes, int oldPathBytes, int reasonBytes) =>
        (HeaderBytes + pathBytes + oldPathBytes + reasonBytes + AlignmentBytes - 1) & ~(AlignmentBytes - 1);

    /// <summary>Writes a record into room of just its size.</summary>
    internal static void Write(
        Span<byte> room,
        in RecordFields fields,
        ReadOnlySpan<byte> path,
        ReadOnlySpan<byte> oldPath = default,
        ReadOnlySpan<byte> reason = default)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(room, (uint)room.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(room[HeaderBytesAt..], HeaderBytes);
        room[VersionAt] = Version;
        room[KindAt] = fields.Kind;
        room[TypeAt] = (byte)fields.Type;
        room[FailureAt] = (byte)fields.Failure;
        BinaryPrimitives.WriteUInt16LittleEndian(room[FlagsAt..], (ushort)fields.Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(room[PathBytesAt..], (uint)path.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(room[OldPathBytesAt..], (uint)oldPath.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(room[ReasonBytesAt..], (uint)reason.Length);
        BinaryPrimitives.WriteInt64LittleEndian(room[NumberAt..], fields.Number);
        BinaryPrimitives.WriteInt64LittleEndian(room[TimeAt..], fields.TimeMicroseconds);
        BinaryPrimitives.WriteUInt64LittleEndian(room[ExtraAt..], fields.Extra);
        Span<byte> rest = room[HeaderBytes..];
        path.CopyTo(rest);
        oldPath.CopyTo(rest[path.Length..]);
        reason.CopyTo(rest[(path.Length + oldPath.Length)..]);
        rest[(path.Length + oldPath.Length + reason.Length)..].Clear();
    }

    /// <summary>Says in a record that was written what became of its descriptor.</summary>
    internal static void SetDescriptor(Span<byte> record, RecordFlags flag, Failure failure)
    {
        record[FailureAt] = (byte)failure;
        ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(record[FlagsAt..]);
        BinaryPrimitives.WriteUInt16LittleEndian(record[FlagsAt..], (ushort)(flags | (ushort)flag));
    }

    /// <summary>Takes the first record of some bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="record">The record.</param>
    /// <returns>False where they do not begin with a whole record.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, out ChangeRecord record)
    {
        record = default;
        if (bytes.Length < HeaderBytes)
        {
            return false;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        uint header = BinaryPrimitives.ReadUInt16LittleEndian(bytes[HeaderBytesAt..]);
        uint path = BinaryPrimitives.ReadUInt32LittleEndian(bytes[PathBytesAt..]);
        uint oldPath = BinaryPrimitives.ReadUInt32LittleEndian(bytes[OldPathBytesAt..]);
        uint reason = BinaryPrimitives.ReadUInt32LittleEndian(bytes[ReasonBytesAt..]);
        if (length > bytes.Length || length % AlignmentBytes != 0 || header < HeaderBytes
            || header + (ulong)path + oldPath + reason > length)
        {
            return false;
        }

        record = new ChangeRecord(bytes[..(int)length], (int)header, (int)path, (int)oldPath, (int)reason);
        return true;
    }
}
