using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Rings;

/// <summary>
/// The door of a ring: a Unix socket at a path. Who connects is looked at (SO_PEERCRED of unix(7)) and made a consumer
/// at once, on a thread of the listener. Thread-safe.
/// </summary>
public sealed class RingListener : IDisposable
{
    // Without descriptors for a connection, or with a kernel that is out of memory, it tries again so much later.
    private const int RetryMs = 100;

    // What the thread waits for.
    private const ulong Stop = 0;
    private const ulong Connection = 1;
    private const ulong Departure = 2;
    private const int Kinds = 3;

    private readonly RingProducer _producer;
    private readonly RingListenOptions _options;
    private readonly HashSet<uint> _allowed;
    private readonly UnixSocket _socket;
    private readonly EventFd _stop = EventFd.Create();
    private readonly Epoll _events = Epoll.Create();
    private readonly Thread _thread;
    private readonly ulong _inode;
    private long _refused;
    private string? _lastRefusal;
    private int _isDisposed;

    private RingListener(RingProducer producer, UnixSocket socket, string path, RingListenOptions options)
    {
        _producer = producer;
        _options = options;
        _allowed = [.. options.AllowedUserIds, UnixSocket.OwnUserId];
        _socket = socket;
        Path = path;
        _inode = InodeOf(path);
        _thread = new Thread(Run) { IsBackground = true, Name = "vigil ring door" };
        _events.AddWhileReadable(_stop, Stop);
        _events.AddWhileReadable(socket, Connection);
        _events.AddWhileReadable(producer.Raw.Liveness, Departure);
        _thread.UnsafeStart();
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>How many were not let in.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Why the last one was not let in, for a person; null if all were.</summary>
    public string? LastRefusal => Volatile.Read(ref _lastRefusal);

    internal static RingListener Open(RingProducer producer, string path, RingListenOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (options.Mode is not (RingWakeMode.Push or RingWakeMode.Pull))
        {
            throw new ArgumentException($"There is no mode {options.Mode}.", nameof(options));
        }

        UnixSocket socket = Bind(path);
        try
        {
            if (options.Permissions is { } permissions && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, permissions);
            }

            return new RingListener(producer, socket, path, options);
        }
        catch
        {
            File.Delete(path);
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Closes the door and removes its path. Who joined stays.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            // While the socket is open the inode is ours; after that a path may be somebody else's.
            if (InodeOf(Path) == _inode)
            {
                File.Delete(Path);
            }

            _stop.Signal();
            if (Thread.CurrentThread != _thread)
            {
                _thread.Join();
            }

            _socket.Dispose();
            _events.Dispose();
            _stop.Dispose();
        }
    }

    private static UnixSocket Bind(string path)
    {
        try
        {
            return UnixSocket.Listen(path);
        }
        catch (VigilException e) when (e.Failure == Failure.AlreadyExists)
        {
            // A process that was killed leaves its socket behind; then nobody answers there.
            ulong inode = InodeOf(path);
            if (inode == 0 || UnixSocket.IsInUse(path) || InodeOf(path) != inode)
            {
                throw;
            }

            File.Delete(path);
            return UnixSocket.Listen(path);
        }
    }

    // 0 where there is no socket.
    private static ulong InodeOf(string path) =>
        Stat.TryGet(PathText.ToTerminated(path), followLinks: false, out FileStatus status) == Failure.None
            && status.IsSocket
            ? status.Inode
            : 0;

    private void Run()
    {
        Span<ulong> events = stackalloc ulong[Kinds];
        while (true)
        {
            foreach (ulong what in events[.._events.Wait(events, timeoutMs: -1)])
            {
                switch (what)
                {
                    case Stop:
                        return;
                    case Departure:
                        _producer.Raw.RemoveGone();
                        break;
                    default:
                        Accept();
                        break;
                }
            }
        }
    }

    private void Accept()
    {
        using UnixSocket? connection = _socket.TryAccept(out Failure failure);
        if (connection is not null)
        {
            Admit(connection);
        }
        else if (failure is not (Failure.WouldBlock or Failure.Interrupted))
        {
            Refuse($"a connection could not be taken: {failure}");
            _ = Poll.Wait(_stop, null, null, RetryMs);
        }
    }

    private void Admit(UnixSocket connection)
    {
        try
        {
            if (connection.TryGetPeer(out PeerCredentials peer) != Failure.None
                || (!_options.AllowAnyUser && !_allowed.Contains(peer.UserId)))
            {
                Refuse($"process {peer.ProcessId} of user {peer.UserId} is not let in: see RingListenOptions");
                return;
            }

            RingStatus status = _producer.Admit(connection, _options.Mode);
            if (status != RingStatus.Ok)
            {
                Refuse($"process {peer.ProcessId} could not join: "
                    + (status == RingStatus.NotFound ? "there are as many consumers as there can be" : $"{status}"));
            }
        }
        catch (ObjectDisposedException)
        {
            Refuse("the producer is disposed");
        }
    }

    private void Refuse(string reason)
    {
        Volatile.Write(ref _lastRefusal, reason);
        _ = Interlocked.Increment(ref _refused);
    }
}
