using System.Text;
using Microsoft.Win32.SafeHandles;
using Vigil.Bus.Records;
using Vigil.Platform;
using Vigil.Watching;

namespace Vigil.Bus.Client;

/// <summary>Makes the changes of one stream of records. For one thread at a time.</summary>
internal sealed class ChangeDecoder
{
    private const int BlockBytes = 16 << 10;

    private byte[] _block = [];
    private int _used;
    private readonly byte[] _asked;
    private byte[] _real;
    private bool _isElsewhere;

    /// <summary>A decoder.</summary>
    /// <param name="asked">The root as the caller named it: paths are told below this, wherever it really is.</param>
    internal ChangeDecoder(byte[] asked)
    {
        _asked = asked;
        _real = asked;
    }

    /// <summary>The number of the last change of the stream.</summary>
    internal long Sequence { get; private set; }

    /// <summary>Which watching the records are of.</summary>
    internal ulong Epoch { get; set; }

    /// <summary>Where the root really is.</summary>
    internal byte[] RealRoot
    {
        get => _real;
        set
        {
            _real = value;
            _isElsewhere = !_real.AsSpan().SequenceEqual(_asked);
        }
    }

    /// <summary>Whether a record is for the reader. Of a file that is the root itself, the server tells whether it is
    /// there also where nobody asked for such changes.</summary>
    internal bool IsAskedFor(in ChangeRecord record, FileChangeKinds kinds)
    {
        FileChangeKind kind = record.Fields.ChangeKind;
        return kind is not (FileChangeKind.Created or FileChangeKind.Deleted)
            || (kinds & (FileChangeKinds)(1 << (int)kind)) != 0
            || record.Fields.Flags.HasFlag(RecordFlags.Initial)
            || !record.Path.SequenceEqual(_real);
    }

    /// <summary>A change of the tree, or what its watcher says.</summary>
    /// <param name="record">The record.</param>
    /// <param name="file">The file that came with it.</param>
    /// <param name="isLate">Whether a file was wanted, and this is not told at the moment of the change.</param>
    internal FileChange Decode(in ChangeRecord record, SafeFileHandle? file = null, bool isLate = false)
    {
        RecordFields fields = record.Fields;
        bool lacksFile = isLate && fields.Type == EntryType.File
            && fields.ChangeKind is FileChangeKind.Created or FileChangeKind.Closed;
        bool isInitial = fields.Flags.HasFlag(RecordFlags.Initial);
        int length = _isElsewhere ? CopyElsewhere(record, out int oldLength) : Copy(record, out oldLength);
        int offset = _used;
        _used += length + oldLength;
        return FileChange.Create(_block, offset, length, oldLength, new FileChangeOrigin
        {
            Kind = fields.ChangeKind,
            Type = fields.Type,
            IsInitial = isInitial,
            Sequence = ++Sequence,
            TimeTicks = TicksOf(fields.TimeMicroseconds),

            // Who stops in the middle of what is there has to begin with it again.
            Position = new ChangePosition(Epoch, isInitial ? 0 : fields.Number),
            Notice = NoticeOf(record, fields),
            Handle = file,
            HandleFailure = lacksFile ? Failure.TimedOut
                : fields.Flags.HasFlag(RecordFlags.WithoutDescriptor)
                ? fields.Failure
                : fields.Flags.HasFlag(RecordFlags.WithDescriptor) && file is null ? Failure.TooManyOpen : Failure.None,
        });
    }

    /// <summary>What the client itself says.</summary>
    internal FileChange Notice(FileChangeKind kind, long number, WatchNotice? notice) =>
        FileChange.Create([], 0, 0, 0, new FileChangeOrigin
        {
            Kind = kind,
            Sequence = ++Sequence,
            TimeTicks = DateTime.UtcNow.Ticks,
            Position = new ChangePosition(Epoch, number),
            Notice = notice,
        });

    /// <summary>The root is not there any more.</summary>
    /// <param name="at">The position of the last change told: who saved it goes on from there.</param>
    /// <param name="reason">What the server said.</param>
    internal FileChange Gone(ChangePosition at, string reason) =>
        FileChange.Create(_asked, 0, _asked.Length, 0, new FileChangeOrigin
        {
            Kind = FileChangeKind.Gone,
            Sequence = ++Sequence,
            TimeTicks = DateTime.UtcNow.Ticks,
            Position = at,
            Notice = new WatchNotice { Reason = reason },
        });

    // What another process says may be no time at all.
    private static long TicksOf(long microseconds) => Math.Clamp(
        (microseconds * TimeSpan.TicksPerMicrosecond) + DateTime.UnixEpoch.Ticks, 0, DateTime.MaxValue.Ticks);

    private static WatchNotice? NoticeOf(in ChangeRecord record, in RecordFields fields) =>
        fields.Kind < (byte)FileChangeKind.Ready || (record.Reason.IsEmpty && fields.Extra == 0)
            ? null
            : new WatchNotice
            {
                Reason = record.Reason.IsEmpty ? null : Encoding.UTF8.GetString(record.Reason),
                PollInterval = fields.ChangeKind == FileChangeKind.Degraded
                    ? TimeSpan.FromMicroseconds(Math.Min(fields.Extra, 1UL << 50))
                    : TimeSpan.Zero,
            };

    private int Copy(in ChangeRecord record, out int oldLength)
    {
        ReadOnlySpan<byte> paths = record.Paths;
        Reserve(paths.Length);
        paths.CopyTo(_block.AsSpan(_used));
        oldLength = record.OldPath.Length;
        return paths.Length - oldLength;
    }

    private int CopyElsewhere(in ChangeRecord record, out int oldLength)
    {
        Reserve(record.Paths.Length + (2 * _asked.Length) + 2);
        int length = WriteElsewhere(record.Path, _block.AsSpan(_used));
        oldLength = WriteElsewhere(record.OldPath, _block.AsSpan(_used + length));
        return length;
    }

    private int WriteElsewhere(ReadOnlySpan<byte> path, Span<byte> room)
    {
        if (!path.StartsWith(_real))
        {
            path.CopyTo(room);
            return path.Length;
        }

        ReadOnlySpan<byte> below = path[_real.Length..].TrimStart((byte)'/');
        _asked.CopyTo(room);
        int length = _asked.Length;
        if (!below.IsEmpty && _asked[^1] != '/')
        {
            room[length++] = (byte)'/';
        }

        below.CopyTo(room[length..]);
        return length + below.Length;
    }

    private void Reserve(int bytes)
    {
        if (_used + bytes > _block.Length)
        {
            _block = new byte[Math.Max(BlockBytes, bytes)];
            _used = 0;
        }
    }
}
