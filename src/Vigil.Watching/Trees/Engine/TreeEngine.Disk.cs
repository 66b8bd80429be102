using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <content>Looking at the disk: directories are opened by path and then compared with what the mirror says they
/// are.</content>
internal sealed partial class TreeEngine
{
    private const int MaxPathBytes = 4096;

    private readonly HashSet<ulong> _devices = [];
    private readonly HashSet<ulong> _unsteadyBirths = [];
    private byte[] _nameScratch = new byte[256];
    private byte[] _pathScratch = new byte[MaxPathBytes];

    /// <summary>
    /// Opens a node's directory. Its path may be out of date, as events wait in the queue; what it leads to is taken
    /// only if
    /// it is the directory that the node stands for, or if that is not known yet.
    /// </summary>
    private DirectoryHandle? OpenDirectory(int node, out Failure failure)
    {
        DirectoryHandle? handle = _open.Find(node);
        if (handle is not null)
        {
            failure = Failure.None;
            return handle;
        }

        handle = OpenChecked(node, out failure);
        if (failure == Failure.TooManyOpen)
        {
            _open.MakeRoom();
            handle = OpenChecked(node, out failure);
        }

        if (handle is null)
        {
            return null;
        }

        failure = Stat.TryGet(handle, out FileStatus status);
        LearnDevice(handle, status.Device);
        if (failure != Failure.None || (_mirror[node].Identity != 0 && _mirror[node].Identity != IdentityOf(status)))
        {
            handle.Dispose();
            failure = failure == Failure.None ? Failure.NotFound : failure;
            return null;
        }

        if (_mirror[node].Identity == 0)
        {
            _mirror.SetIdentity(node, IdentityOf(status));
        }

        _mirror.DirectoryOf(node).Device = status.Device;
        TakeStatus(node, status);
        _open.Keep(node, handle);
        return handle;
    }

    /// <summary>Which file it is, by what can be relied on where it is.</summary>
    private ulong IdentityOf(in FileStatus status) =>
        status.Identity(withBirth: _unsteadyBirths.Count == 0 || !_unsteadyBirths.Contains(status.Device));

    private void LearnDevice(DirectoryHandle handle, ulong device)
    {
        if (_devices.Add(device) && handle.FileSystemMagic() == FileSystems.Overlay)
        {
            _unsteadyBirths.Add(device);
        }
    }

    // Of a directory that is not known yet nothing tells whether its path still leads to it: a symbolic link may have
    // taken the place of one above. So it is opened from its parent, which is known; a root is what its path leads to.
    private DirectoryHandle? OpenChecked(int node, out Failure failure)
    {
        int parent = _mirror[node].Parent;
        if (_mirror[node].Identity == 0 && parent != Mirror.None && OpenDirectory(parent, out failure) is null)
        {
            return null;
        }

        return OpenByPath(node, out failure);
    }

    private DirectoryHandle? OpenByPath(int node, out Failure failure)
    {
        int parent = _mirror[node].Parent;
        DirectoryHandle? above = parent == Mirror.None ? null : _open.Find(parent);
        if (above is not null)
        {
            ReadOnlySpan<byte> name = _mirror.Name(node);
            name.CopyTo(_pathScratch);
            _pathScratch[name.Length] = 0;
            return above.TryOpenAt(_pathScratch.AsSpan(0, name.Length + 1), out failure);
        }

        int length = _mirror.PathLength(node);
        if (_pathScratch.Length < length + 1)
        {
            _pathScratch = new byte[(length + 1) * 2];
        }

        _mirror.WritePath(node, _pathScratch.AsSpan(0, length));
        _pathScratch[length] = 0;
        if (length < MaxPathBytes)
        {
            return DirectoryHandle.TryOpen(_pathScratch.AsSpan(0, length + 1), parent == Mirror.None, out failure);
        }

        return OpenInSteps(length, out failure);
    }

    // A path longer than PATH_MAX is opened piece by piece.
    private DirectoryHandle? OpenInSteps(int length, out Failure failure)
    {
        DirectoryHandle? handle = null;
        int start = 0;
        while (start < length)
        {
            int end = length;
            if (end - start >= MaxPathBytes)
            {
                end = start + _pathScratch.AsSpan(start, MaxPathBytes - 1).LastIndexOf((byte)'/');
            }

            _pathScratch[end] = 0;
            ReadOnlySpan<byte> piece = _pathScratch.AsSpan(start, end - start + 1);
            DirectoryHandle? next = handle is null
                ? DirectoryHandle.TryOpen(piece, followLink: false, out failure)
                : handle.TryOpenAt(piece, out failure);
            handle?.Dispose();
            if (next is null)
            {
                return null;
            }

            handle = next;
            start = end + 1;
        }

        failure = Failure.None;
        return handle;
    }

    /// <summary>Looks at a name in a node's directory, without following a link.</summary>
    private Failure Look(int directory, ReadOnlySpan<byte> terminatedName, out FileStatus status)
    {
        DirectoryHandle? handle = OpenDirectory(directory, out Failure failure);
        if (handle is not null)
        {
            return Stat.TryGetAt(handle, terminatedName, out status);
        }

        status = default;
        return failure == Failure.None ? Failure.NotFound : failure;
    }

    /// <summary>Whether an entry of the mirror is what was found on the disk.</summary>
    private bool IsSame(int node, in FileStatus status)
    {
        ref MirrorNode n = ref _mirror[node];
        return n.Type == status.Type && (n.Identity == 0 || n.Identity == IdentityOf(status));
    }

    /// <summary>
    /// Takes over what was found of an entry that is the same, and tells what is different if asked to.
    /// </summary>
    private void Adopt(int node, in FileStatus status, bool tell)
    {
        ref MirrorNode n = ref _mirror[node];
        bool isKnown = n.Identity != 0;
        if (!isKnown)
        {
            _mirror.SetIdentity(node, IdentityOf(status));
        }

        FileChangeKind? change = null;
        if (tell && n.Type != EntryType.Directory)
        {
            // Only listed so far, or told by its event alone: what nobody was there to see since is told by the time of
            // change.
            bool isModified = isKnown
                ? n.SizeBytes != status.SizeBytes || n.ModifiedNs != status.ModifiedNs
                : status.ChangedNs >= Math.Max(_startedNs, _overflows > 0 ? n.ChangedNs - TickNs : n.ChangedNs);
            bool isTouched = isKnown && n.ChangedNs != status.ChangedNs;
            change = isModified ? FileChangeKind.Modified : isTouched ? FileChangeKind.Metadata : null;
        }

        // Before it is told: what was not looked at is looked at once more in the next batch, without a word, and
        // where there are no events that look would swallow what happened in between.
        TakeStatus(node, status);
        if (change is { } kind)
        {
            Tell(node, kind);
        }

        if (NeedsListing(node))
        {
            QueueScan(node, deep: false);
        }
    }

    private void TakeStatus(int node, in FileStatus status)
    {
        StartBatchOf(node);
        ref MirrorNode n = ref _mirror[node];
        n.SizeBytes = status.SizeBytes;
        n.ModifiedNs = status.ModifiedNs;
        n.ChangedNs = status.ChangedNs;
        n.Flags |= NodeFlags.BatchLooked;
    }

    // The name with a NUL behind it, in a buffer that the next call uses again.
    private ReadOnlySpan<byte> Terminated(ReadOnlySpan<byte> name)
    {
        if (_nameScratch.Length <= name.Length)
        {
            _nameScratch = new byte[name.Length * 2];
        }

        name.CopyTo(_nameScratch);
        _nameScratch[name.Length] = 0;
        return _nameScratch.AsSpan(0, name.Length + 1);
    }
}
