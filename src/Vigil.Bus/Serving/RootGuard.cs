using Microsoft.Win32.SafeHandles;
using Vigil.Bus.Wire;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Bus.Serving;

/// <summary>
/// Says which roots may be watched for whom. A root is taken to where it really is first, through all symbolic links
/// and <c>..</c>; that place has to be allowed, and the peer has to be able to read it itself. Thread-safe.
/// </summary>
internal sealed class RootGuard
{
    private const int MostAttempts = 100;

    private readonly List<string> _allowed = [];

    internal RootGuard(IEnumerable<string> allowed)
    {
        foreach (string root in allowed)
        {
            string full = WorkingDirectory.Complete(root);
            using PathHandle? place = PathHandle.TryOpen(PathText.ToTerminated(full), followLink: true, out _);
            _allowed.Add(place?.TryReadPath() is { } path ? PathText.FromBytes(path) : full);
        }
    }

    /// <summary>Where a root really is.</summary>
    /// <param name="root">What the peer named.</param>
    /// <param name="peer">The peer.</param>
    /// <returns>An absolute path without symbolic links, and what is there.</returns>
    /// <exception cref="BusException">It may not be watched, or not by this peer, or is not there.</exception>
    internal ResolvedRoot Resolve(byte[] root, in PeerCredentials peer)
    {
        string text = PathText.FromBytes(root);
        if (root is not [(byte)'/', ..] || root.Contains((byte)0) || root.Length > Protocol.MaxRootBytes)
        {
            throw new BusException(BusProblem.Protocol, $"'{text}' is no absolute path");
        }

        bool isOwn = peer.UserId == UnixSocket.OwnUserId;
        ResolvedRoot real = isOwn ? Resolve(text) : ResolveAs(text, peer);
        if (_allowed.Count > 0 && !_allowed.Exists(allowed => Covers(allowed, real.Path)))
        {
            // Their names are not for everybody.
            string roots = isOwn ? $": {string.Join(", ", _allowed)}" : "";
            throw new BusException(
                BusProblem.NotAllowed, $"{text} is not among the roots that this server watches{roots}");
        }

        return real;
    }

    private static bool Covers(string root, string path) =>
        path == root || path.StartsWith(root == "/" ? root : root + "/", StringComparison.Ordinal);

    private static ResolvedRoot ResolveAs(string root, in PeerCredentials peer)
    {
        using FileSystemUser asPeer = FileSystemUser.Become(peer.UserId, peer.GroupId);
        return asPeer.IsInForce
            ? Resolve(root)
            : throw new BusException(
                BusProblem.NotAllowed, $"only a server of root can tell what user {peer.UserId} may read");
    }

    private static ResolvedRoot Resolve(string root)
    {
        for (int attempt = 1; ; attempt++)
        {
            ResolvedRoot real = ResolveOnce(root);
            if (IsThere(real))
            {
                return real;
            }

            if (attempt == MostAttempts)
            {
                throw new BusException(
                    BusProblem.TooMany, $"{root} cannot be watched now: another takes its place again and again");
            }
        }
    }

    private static ResolvedRoot ResolveOnce(string root)
    {
        byte[] path = PathText.ToTerminated(root);
        using PathHandle? place = PathHandle.TryOpen(path, followLink: true, out Failure failure);
        using SafeFileHandle? file = place?.TryOpenForReading(out failure);
        if (file is not null && place?.TryReadPath() is { } real
            && Stat.TryGet(place, out FileStatus status) == Failure.None)
        {
            return new ResolvedRoot(PathText.FromBytes(real), status);
        }

        // What can be opened, and has no path that could be told, is too deep.
        failure = failure == Failure.None ? Failure.NameTooLong : failure;
        throw new BusException(
            BusServer.ProblemOf(failure), $"{root} cannot be watched: {Describe(failure)}");
    }

    // What was opened may have lost its name before that was read (a save makes another of it): then the kernel says
    // "name (deleted)" (proc_pid_fd(5)), which is no path. Where it cannot be seen, what was read has to do.
    private static bool IsThere(in ResolvedRoot root) =>
        Stat.TryGet(PathText.ToTerminated(root.Path), followLinks: false, out FileStatus now) switch
        {
            Failure.None => now.Identity(withBirth: false) == root.Status.Identity(withBirth: false),
            Failure.NotFound or Failure.NotDirectory => false,
            _ => true,
        };

    private static string Describe(Failure failure) => failure switch
    {
        Failure.NotFound => "nothing is there (ENOENT)",
        Failure.NotDirectory => "a part of the path is no directory (ENOTDIR)",
        Failure.AccessDenied => "permission denied (EACCES)",
        Failure.SymlinkLoop => "too many symbolic links (ELOOP)",
        Failure.NameTooLong => "the path is too long (ENAMETOOLONG)",
        Failure.TooManyOpen => "no descriptor is left (EMFILE or ENFILE); raise the server's limit (ulimit -n)",
        Failure.OutOfMemory => "no memory is left (ENOMEM)",
        Failure.Io => "input/output error (EIO)",
        Failure.TimedOut => "what it is on does not answer (ETIMEDOUT)",
        Failure.NotSupported => "it is neither a directory nor a regular file",
        _ => $"{failure}",
    };
}
