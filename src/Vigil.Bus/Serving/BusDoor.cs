using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Bus.Serving;

/// <summary>
/// The socket of a server at its path. A lock beside it says who serves; it ends with its process. Only who holds it
/// touches the path: the new socket listens under another name before it takes the place of what is left of the last,
/// so there is no moment without a door, and nobody removes the door of another.
/// </summary>
internal sealed class BusDoor : IDisposable
{
    // rw------- and rw-rw-rw-.
    private const uint OwnerOnly = 0x180;
    private const uint Everybody = 0x1b6;

    private readonly FileLock _lock;
    private readonly FileStatus _place;

    private BusDoor(string path, FileLock held, UnixSocket socket)
    {
        _ = Stat.TryGet(PathText.ToTerminated(path), followLinks: false, out _place);
        Path = path;
        _lock = held;
        Socket = socket;
    }

    internal string Path { get; }

    internal UnixSocket Socket { get; }

    /// <summary>Opens it.</summary>
    /// <param name="path">Where; null for the default.</param>
    /// <param name="isForOthers">Whether other users may come to it, as far as the directories above let them.</param>
    /// <exception cref="BusException">Another server serves there, or the directory is not safe.</exception>
    /// <exception cref="VigilException">The socket cannot be made.</exception>
    internal static BusDoor Open(string? path, bool isForOthers)
    {
        path = System.IO.Path.GetFullPath(path ?? BusSocket.DefaultPath);
        BusSocket.PrepareDirectory(path);
        FileLock held = FileLock.TryTake(path + ".lock")
            ?? throw new BusException(BusProblem.AlreadyServed, $"{path}: another server serves there already");
        try
        {
            string fresh = path + ".new";
            FileNames.Remove(fresh);
            UnixSocket socket = UnixSocket.Listen(fresh, packets: true);
            try
            {
                FileNames.SetPermissions(fresh, isForOthers ? Everybody : OwnerOnly);
                FileNames.Move(fresh, path);
                return new BusDoor(path, held, socket);
            }
            catch
            {
                FileNames.Remove(fresh);
                socket.Dispose();
                throw;
            }
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Removes the socket while the lock is still held, and then lets go of it.</summary>
    public void Dispose()
    {
        // Where somebody removed the lock, another may serve there by now.
        if (Stat.TryGet(PathText.ToTerminated(Path), followLinks: false, out FileStatus now) == Failure.None
            && now.Identity(withBirth: true) == _place.Identity(withBirth: true))
        {
            FileNames.Remove(Path);
        }

        Socket.Dispose();
        _lock.Dispose();
    }
}
