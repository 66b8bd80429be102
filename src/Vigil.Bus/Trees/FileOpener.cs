using Microsoft.Win32.SafeHandles;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Bus.Trees;

/// <summary>
/// Opens the files that changed, for reading, and none else: it goes to the place without following links and without
/// opening anything (O_PATH), looks there, and opens what it looked at. Thread-safe.
/// </summary>
/// <param name="rootLength">How many bytes of each path are the directory's.</param>
/// <param name="root">The directory that all paths are below.</param>
/// <param name="foreign">The user and group by whose rights it is done; null for this process's own.</param>
internal sealed class FileOpener(DirectoryHandle root, int rootLength, (uint UserId, uint GroupId)? foreign)
    : IDisposable
{
    /// <summary>Opens a file.</summary>
    /// <param name="path">Its absolute path.</param>
    /// <param name="identity">Which file it has to be; 0 where that is not known, and then none is opened.</param>
    /// <param name="failure">Why there is none.</param>
    internal SafeFileHandle? TryOpen(ReadOnlySpan<byte> path, ulong identity, out Failure failure)
    {
        if (identity == 0 || path.Length <= rootLength)
        {
            // Whichever file is there now, nobody could tell whether it is the one.
            failure = Failure.TimedOut;
            return null;
        }

        if (foreign is not { } user)
        {
            return TryOpenNow(path, identity, out failure);
        }

        using FileSystemUser asUser = FileSystemUser.Become(user.UserId, user.GroupId);
        if (asUser.IsInForce)
        {
            return TryOpenNow(path, identity, out failure);
        }

        failure = Failure.AccessDenied;
        return null;
    }

    public void Dispose() => root.Dispose();

    private SafeFileHandle? TryOpenNow(ReadOnlySpan<byte> path, ulong identity, out Failure failure)
    {
        ReadOnlySpan<byte> below = path[rootLength..].TrimStart((byte)'/');
        Span<byte> terminated = below.Length < 1024 ? stackalloc byte[below.Length + 1] : new byte[below.Length + 1];
        below.CopyTo(terminated);
        terminated[^1] = 0;
        using PathHandle? place = PathHandle.TryOpenBeneath(root, terminated, out failure);
        if (place is null)
        {
            return null;
        }

        failure = Stat.TryGet(place, out FileStatus status);
        if (failure != Failure.None)
        {
            return null;
        }

        // Overlayfs changes the time of birth when a file is copied up, so the watcher does without it there.
        if (status.Identity(withBirth: true) != identity && status.Identity(withBirth: false) != identity)
        {
            failure = Failure.NotFound;
            return null;
        }

        if (status.Type != EntryType.File)
        {
            failure = Failure.NotSupported;
            return null;
        }

        return place.TryOpenForReading(out failure);
    }
}
