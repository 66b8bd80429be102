using Microsoft.Win32.SafeHandles;
using Vigil.Platform;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Cli.Run.Changes;

/// <summary>
/// What was in the files when a run was last told of them, as hashes: so that the same bytes written again are no
/// change. Not thread-safe.
/// </summary>
internal sealed class ContentHashes
{
    private const int BufferBytes = 128 * 1024;

    // The runtime's hash has 32 bits and a seed of the process; two with different beginnings have 64.
    private const int OtherBeginning = 0x5bd1e995;
    private readonly Dictionary<string, Content> _known = new(StringComparer.Ordinal);
    private readonly byte[] _buffer = new byte[BufferBytes];

    /// <summary>Learns what is there.</summary>
    /// <param name="snapshot">Every entry of the tree.</param>
    public void Learn(TreeSnapshot snapshot)
    {
        for (int i = 0; i < snapshot.Count; i++)
        {
            TreeEntry entry = snapshot[i];
            if (entry.Type == EntryType.File)
            {
                _ = IsSame(PathText.FromBytes(entry.PathBytes));
            }
        }
    }

    /// <summary>Whether a change left everything as it was; what is there now is remembered.</summary>
    public bool IsNoChange(RunChange change)
    {
        switch (change.Kind)
        {
            case FileChangeKind.Deleted:
                _known.Remove(change.Path);
                return false;
            case FileChangeKind.Renamed:
                if (change.OldPath is { } old)
                {
                    _known.Remove(old);
                }

                _ = IsSame(change.Path);
                return false;
            case FileChangeKind.Created or FileChangeKind.Modified or FileChangeKind.Metadata:
                return change.Type == EntryType.File && IsSame(change.Path);
            default:
                return false;
        }
    }

    private bool IsSame(string path)
    {
        if (Compute(path) is not { } content)
        {
            _known.Remove(path);
            return false;
        }

        bool isSame = _known.TryGetValue(path, out Content known) && known == content;
        _known[path] = content;
        return isSame;
    }

    private Content? Compute(string path)
    {
        // By its bytes, which need not be a text, and without waiting for what has taken the place of the file.
        byte[] name = PathText.ToTerminated(path);
        Failure failure = Stat.TryGet(name, followLinks: false, out FileStatus status);
        if (failure != Failure.None || status.Type != EntryType.File
            || !FileOpen.TryOpen(name, OpenFlags.NonBlocking, 0, out SafeFileHandle? handle).IsSuccess)
        {
            return null;
        }

        try
        {
            HashCode first = default;
            HashCode second = default;
            second.Add(OtherBeginning);
            long bytes = 0;
            using FileStream stream = new(handle!, FileAccess.Read, bufferSize: 0);
            for (int count; (count = stream.ReadAtLeast(_buffer, _buffer.Length, throwOnEndOfStream: false)) > 0;)
            {
                first.AddBytes(_buffer.AsSpan(0, count));
                second.AddBytes(_buffer.AsSpan(0, count));
                bytes += count;
            }

            return new Content(bytes, first.ToHashCode(), second.ToHashCode());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone, or not to be read: then it counts as changed.
            return null;
        }
    }

    private readonly record struct Content(long Bytes, int First, int Second);
}
