using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Vigil.Watching;

/// <summary>
/// Makes the changes that are told: path, number, time, filters. They gather here while the engine works and go to the
/// channel when it lets go of the mirror, so that a reader that lags never holds a lock of the engine.
/// </summary>
internal sealed partial class ChangeWriter
{
    private const int BlockBytes = 16 << 10;

    private readonly Mirror _mirror;
    private readonly Dictionary<int, Root> _fileRoots;
    private readonly FileChangeKinds _kinds;
    private readonly PathFilter _filter;
    private readonly Settler? _settler;
    private readonly Channel<FileChange> _channel;
    private readonly RoomWaiter<FileChange> _room;
    private readonly List<FileChange> _gathered = [];
    private byte[] _block = [];
    private int _used;

    // The path of the directory that the last change was in, as most changes have the same as the one before.
    private byte[] _prefix = new byte[256];
    private int _prefixLength;
    private int _prefixRootLength;
    private int _prefixNode = Mirror.None;
    private int _prefixVersion = -1;

    internal ChangeWriter(
        Mirror mirror,
        Dictionary<int, Root> fileRoots,
        FileChangeKinds kinds,
        PathFilter filter,
        TimeSpan settle,
        int capacity)
    {
        _mirror = mirror;
        _fileRoots = fileRoots;
        _kinds = kinds;
        _filter = filter;
        _settler = settle > TimeSpan.Zero ? new Settler(settle) : null;
        _channel = Channel.CreateBounded<FileChange>(new BoundedChannelOptions(capacity) { SingleWriter = true });
        _room = new RoomWaiter<FileChange>(_channel);
    }

    internal ChannelReader<FileChange> Reader => _channel.Reader;

    /// <summary>The number of the last change that was told.</summary>
    internal long Sequence { get; private set; }

    /// <summary>The time of the changes to come, in ticks of UTC.</summary>
    internal long TimeTicks { get; set; }

    /// <summary>Whether entries are not told, as during the first scan.</summary>
    internal bool IsQuiet { get; set; }

    /// <summary>How many changes wait to be sent.</summary>
    internal int GatheredCount => _gathered.Count;

    /// <summary>Milliseconds until a settled path is due, or -1.</summary>
    internal int SettleDelayMs => _settler?.DelayMs ?? Timeout.Infinite;

    /// <summary>
    /// What the reader has been told of and the mirror has no more, as that has to settle; parents first.
    /// </summary>
    internal IEnumerable<(byte[] Path, EntryType Type)> UnsettledDeletions => _settler?.Deleted ?? [];

    /// <summary>Tells a change of an entry, at its present path.</summary>
    internal void Entry(FileChangeKind kind, int node, bool isInitial = false)
    {
        if (IsQuiet || (_kinds & (FileChangeKinds)(1 << (int)kind)) == 0)
        {
            return;
        }

        EntryType type = _mirror[node].Type;
        int offset = WritePath(node, extraBytes: 0, out int length, out int rootLength);
        if (!IsReported(_block.AsSpan(offset, length), rootLength, type))
        {
            return;
        }

        _used += length;
        ulong identity = _mirror[node].Identity;
        Push(new FileChange(kind, type, isInitial, 0, TimeTicks, _block, offset, length, 0, null, identity));
    }

    /// <summary>Says something about the watching itself.</summary>
    internal void Notice(FileChangeKind kind, ReadOnlySpan<byte> path, EntryType type, WatchNotice? notice) =>
        Push(new FileChange(kind, type, false, 0, TimeTicks, path.ToArray(), 0, path.Length, 0, notice));

    /// <summary>
    /// Tells what has been quiet for long enough. Under the engine's gate, as is all that numbers a change.
    /// </summary>
    internal void Settle() => _settler?.Release(this);

    /// <summary>
    /// Whether a change of a path has to settle, and then what the reader has there; Unknown for nothing.
    /// </summary>
    internal bool IsUnsettled(ReadOnlySpan<byte> path, out EntryType known)
    {
        known = EntryType.Unknown;
        return _settler is not null && _settler.IsWaiting(path, out known);
    }

    /// <summary>Sends what has gathered; waits while the channel is full.</summary>
    internal void Flush(CancellationToken stopping)
    {
        foreach (ref readonly FileChange change in CollectionsMarshal.AsSpan(_gathered))
        {
            if (!_room.Write(in change, stopping))
            {
                break;
            }
        }

        _gathered.Clear();
    }

    internal void SettleNow() => _settler?.ReleaseAll(this);

    internal void Complete(Exception? error) => _channel.Writer.TryComplete(error);

    /// <summary>Numbers a change and puts it with those that are to be sent.</summary>
    internal void Send(in FileChange change) => _gathered.Add(change.WithSequence(++Sequence));

    private void Push(in FileChange change, EntryType replaced = EntryType.Unknown)
    {
        if (_settler is null)
        {
            Send(change);
        }
        else
        {
            _settler.Add(change, replaced, this);
        }
    }

    private bool IsReported(ReadOnlySpan<byte> path, int rootLength, EntryType type) =>
        _filter.IsEmpty
        || path.Length <= rootLength
        || _filter.IsIncluded(path[(rootLength + (path[rootLength] == '/' ? 1 : 0))..], type == EntryType.Directory);

    // Writes the path behind what the block holds, without taking the room yet.
    private int WritePath(int node, int extraBytes, out int length, out int rootLength)
    {
        ref MirrorNode n = ref _mirror[node];
        if (n.Parent == Mirror.None)
        {
            return WriteRoot(_mirror.Name(node), extraBytes, out length, out rootLength);
        }

        if (_fileRoots.Count > 0 && _fileRoots.TryGetValue(n.Parent, out Root? file))
        {
            // Told under the path that was given, wherever the file really is.
            return WriteRoot(file.PathBytes, extraBytes, out length, out rootLength);
        }

        if (_prefixNode != n.Parent || _prefixVersion != _mirror.PathVersion)
        {
            MakePrefix(n.Parent);
        }

        ReadOnlySpan<byte> name = _mirror.Name(node);
        length = _prefixLength + name.Length;
        rootLength = _prefixRootLength;
        Reserve(length + extraBytes);
        Span<byte> destination = _block.AsSpan(_used);
        _prefix.AsSpan(0, _prefixLength).CopyTo(destination);
        name.CopyTo(destination[_prefixLength..]);
        return _used;
    }

    private int WriteRoot(ReadOnlySpan<byte> path, int extraBytes, out int length, out int rootLength)
    {
        length = path.Length;
        rootLength = path.Length;
        Reserve(length + extraBytes);
        path.CopyTo(_block.AsSpan(_used));
        return _used;
    }

    private void MakePrefix(int directory)
    {
        int length = _mirror.PathLength(directory);
        Grow(ref _prefix, length + 1);
        _mirror.WritePath(directory, _prefix.AsSpan(0, length));
        if (_prefix[length - 1] != '/')
        {
            _prefix[length++] = (byte)'/';
        }

        int root = _mirror.RootOf(directory);

        _prefixLength = length;
        _prefixRootLength = _mirror[root].NameLength;
        _prefixNode = directory;
        _prefixVersion = _mirror.PathVersion;
    }

    private void Reserve(int bytes)
    {
        if (_used + bytes > _block.Length)
        {
            _block = new byte[Math.Max(BlockBytes, bytes)];
            _used = 0;
        }
    }

    private static void Grow(ref byte[] array, int length)
    {
        if (array.Length < length)
        {
            array = new byte[Math.Max(length, array.Length * 2)];
        }
    }
}
