using System.Collections.Concurrent;
using System.Diagnostics;
using Vigil.Bus.Serving;
using Vigil.Bus.Trees;
using Vigil.Bus.Wire;
using Vigil.Platform;
using Vigil.Platform.Linux;
using Vigil.Rings;

namespace Vigil.Bus;

/// <summary>
/// Watches each tree once and tells every process that subscribes (<see cref="BusClient"/>). Thread-safe.
/// </summary>
/// <remarks>
/// Implementation notes. One thread serves all connections: it accepts, receives, refuses and closes, and never waits
/// for a peer, nor for a tree. What takes time runs elsewhere (<see cref="RequestHandler"/>). All state of who is
/// connected is this thread's alone; others ask it to close a connection through a queue.
/// </remarks>
/// <example><code>
/// await using var server = BusServer.Start();
/// await server.Completion;
/// </code></example>
public sealed partial class BusServer : IAsyncDisposable
{
    private const int EventsAtATime = 64;
    private const int AcceptsAtATime = 256;
    private const int LookMs = 1000;

    // So many that have not said hello yet; the oldest makes room, for who is honest says it at once.
    private const int MostNew = 64;
    private const ulong WakeToken = 0;
    private const ulong DoorToken = 1;

    private readonly LogQueue? _log;
    private readonly BusServerOptions _options;
    private readonly BusDoor _door;
    private readonly TreeTable _trees;
    private readonly RequestHandler _handler;
    private readonly RefusalLog _refusals;
    private readonly Epoll _events = Epoll.Create();
    private readonly EventFd _wake = EventFd.Create();
    private readonly Thread _thread;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConnectionTable _connections = new();
    private readonly UserShares _shares;
    private readonly SentMemory _sent;
    private readonly ConcurrentQueue<ServerConnection> _closing = new();
    private readonly byte[] _buffer = new byte[Protocol.MaxMessageBytes];
    private readonly long _started = Stopwatch.GetTimestamp();
    private ulong _lastId = DoorToken;
    private long _idleSince = Environment.TickCount64;
    private int _count;
    private (uint User, int Count)[] _users = [];
    private volatile bool _isStopping;
    private int _isDisposed;

    private BusServer(BusServerOptions given, BusDoor door)
    {
        // Nobody here waits for who listens.
        _log = given.Log is null ? null : new LogQueue(given.Log);
        BusServerOptions options = given.Copy(_log is null ? null : _log.Add);
        _options = options;
        _door = door;
        _shares = new UserShares(options);
        _sent = new SentMemory(options.MaxUnreceivedBytesPerUser, options.StallTimeout);
        _trees = new TreeTable(options, _shares, _sent, onIdle: Wake);
        var roots = new RootQuestions(new RootGuard(options.AllowedRoots), options.StallTimeout);
        _handler = new RequestHandler(_trees, roots, _sent, GetStatus);
        _refusals = new RefusalLog(options.Log);
        _events.AddWhileReadable(_wake, WakeToken);
        _events.AddWhileReadable(door.Socket, DoorToken);
        _thread = new Thread(Run) { IsBackground = true, Name = "vigil bus" };
        _thread.UnsafeStart();
    }

    /// <summary>Where it listens.</summary>
    public string SocketPath => _door.Path;

    /// <summary>Ends when it serves no more: because nobody was left (<see cref="BusServerOptions.EndsWhenIdle"/>), or
    /// it was disposed. Fails where it could not go on, or its socket could not be removed.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Begins to serve.</summary>
    /// <param name="options">How; null for the defaults.</param>
    /// <returns>The server; the caller disposes it.</returns>
    /// <exception cref="BusException">Another server serves at the path (AlreadyServed), or its directory is not this
    /// user's alone.</exception>
    /// <exception cref="VigilException">The socket cannot be made: EACCES, ENOENT, EMFILE.</exception>
    /// <exception cref="ArgumentException">The path is longer than a socket's may be; the ring has no size that rings
    /// have.</exception>
    public static BusServer Start(BusServerOptions? options = null)
    {
        options ??= new BusServerOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.RingBytes, 64 << 10, nameof(options.RingBytes));
        ArgumentOutOfRangeException.ThrowIfNotEqual(options.RingBytes % 4096, 0, nameof(options.RingBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.HistoryBytes, 64 << 10, nameof(options.HistoryBytes));
        BusDoor door = BusDoor.Open(options.SocketPath, isForOthers: options.AllowedUserIds.Count > 0);
        try
        {
            return new BusServer(options, door);
        }
        catch
        {
            door.Dispose();
            throw;
        }
    }

    /// <summary>Stops serving: closes the door and all connections, and gives all watches back.</summary>
    /// <returns>A task that ends then.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _isStopping = true;
            _wake.Signal();
            if (Thread.CurrentThread != _thread)
            {
                await Task.Run(_thread.Join).ConfigureAwait(false);
            }

            await _trees.DisposeAsync().ConfigureAwait(false);
            _events.Dispose();
            _wake.Dispose();
            await (_log?.EndAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        }

        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Run()
    {
        Exception? failure = null;
        try
        {
            Span<ulong> tokens = stackalloc ulong[EventsAtATime];
            while (!_isStopping)
            {
                int count = _events.Wait(tokens, NextLookMs());
                foreach (ulong token in tokens[..count])
                {
                    HandleSafely(token);
                }

                CloseAsked();
                LookAround();
            }
        }
        catch (Exception e)
        {
            failure = e;
        }

        byte[] ended = new MessageWriter(MessageKind.Ended).Write("the server ends").ToArray();
        foreach (ServerConnection connection in _connections.All.ToArray())
        {
            _ = connection.TrySend(ended);
            Close(connection);
        }

        try
        {
            _door.Dispose();
        }
        catch (VigilException e)
        {
            failure ??= e;
        }

        _ = failure is null ? _completion.TrySetResult() : _completion.TrySetException(failure);
    }

    // What goes wrong with one peer is that peer's end alone.
    private void HandleSafely(ulong token)
    {
        try
        {
            Handle(token);
        }
        catch (Exception e) when (_connections.Find(token) is { } connection)
        {
            _refusals.Add($"process {connection.Peer.ProcessId}: {e.GetType().Name}: {e.Message}");
            Finish(connection);
        }
        catch (VigilException e) when (token == DoorToken)
        {
            _refusals.Add($"a connection could not be taken: {e.Message}");
        }
    }

    private void Handle(ulong token)
    {
        switch (token)
        {
            case WakeToken:
                _wake.Drain();
                break;
            case DoorToken:
                AcceptAll();
                break;
            default:
                if (_connections.Find(token) is { } connection)
                {
                    Receive(connection);
                }

                break;
        }
    }

    private void AcceptAll()
    {
        for (int i = 0; i < AcceptsAtATime; i++)
        {
            UnixSocket? socket = _door.Socket.TryAccept(out Failure failure);
            if (socket is null)
            {
                if (failure is not (Failure.WouldBlock or Failure.Interrupted))
                {
                    // Without descriptors left it stays readable: a moment, in which some may be closed.
                    _refusals.Add($"a connection could not be taken: {failure}");
                    _ = Poll.Wait(_wake, null, null, timeoutMs: 10);
                }

                return;
            }

            Accept(socket);
        }
    }

    private void Accept(UnixSocket socket)
    {
        if (socket.TryGetPeer(out PeerCredentials peer) != Failure.None)
        {
            socket.Dispose();
            return;
        }

        string? refusal = ReasonAgainst(peer, out BusProblem problem);
        if (refusal is not null)
        {
            _refusals.Add($"process {peer.ProcessId} of user {peer.UserId} is refused: {refusal}");
            _ = socket.TrySend(Refusal(problem, refusal), []);
            socket.Dispose();
            return;
        }

        var connection = new ServerConnection(++_lastId, socket, peer)
        {
            DeadlineMs = Environment.TickCount64 + (long)_options.HelloTimeout.TotalMilliseconds,
        };
        try
        {
            _events.AddWhileReadable(socket, connection.Id);
        }
        catch (VigilException)
        {
            socket.Dispose();
            throw;
        }

        _connections.Add(connection);
        NoteCounts();
        if (_connections.NewCount > MostNew)
        {
            Refuse(_connections.OldestNew(), BusProblem.TooMany, "too many connections that say nothing");
        }
    }

    // For other threads.
    private void NoteCounts()
    {
        _count = _connections.Count;
        Volatile.Write(ref _users, _connections.PerUser());
    }

    private string? ReasonAgainst(in PeerCredentials peer, out BusProblem problem)
    {
        uint user = peer.UserId;
        int process = peer.ProcessId;
        problem = BusProblem.NotAllowed;
        if (user != UnixSocket.OwnUserId && !_options.AllowedUserIds.Contains(user))
        {
            return "this user is not allowed; a server is for its own user, and those it was told of";
        }

        problem = BusProblem.TooMany;
        return _connections.Count >= _options.MaxConnections
            ? $"there are {_options.MaxConnections} connections, and no more may be"
            : _connections.CountOfUser(user) >= _options.MaxConnectionsPerUser
                ? $"this user has {_options.MaxConnectionsPerUser} connections, and may have no more"
                : _connections.CountOfProcess(process) >= _options.MaxConnectionsPerProcess
                    ? $"this process has {_options.MaxConnectionsPerProcess} connections, and may have no more"
                    : null;
    }

    private static byte[] Refusal(BusProblem problem, string reason) =>
        new MessageWriter(MessageKind.Refused).Write((uint)problem).Write(reason).ToArray();

    private void Refuse(ServerConnection connection, BusProblem problem, string reason)
    {
        _refusals.Add(
            $"process {connection.Peer.ProcessId} of user {connection.Peer.UserId} is refused: {reason}");
        _ = connection.TrySend(Refusal(problem, reason));
        Finish(connection);
    }

    // Memory that is in its socket stays there until its peer receives it or ends, whether this end is closed or not,
    // and also where the peer has ended its own side. So it is held until then, and counts.
    private void Finish(ServerConnection connection)
    {
        // First nothing more is sent: from then on it is known what it holds.
        (WatchedTree Tree, JoinedFeed Joined)? held = connection.Drain();
        if (!connection.HoldsMemory)
        {
            Close(connection);
        }
        else if (_connections.NoteDraining(connection))
        {
            // Its end is reported at once, but once: who ended one side alone would be reported again and again.
            _events.Arm(connection.Socket, connection.Id);
            if (connection.WasSentRing)
            {
                // Its ring is as little received as the rest.
                using SentPiece ring = _sent.Begin(connection.Peer.UserId, _options.RingBytes);
                _sent.Track(connection, ring);
            }
        }

        if (held is { } place)
        {
            GiveBack(connection, place);
        }
    }

    private void Close(ServerConnection connection)
    {
        if (!_connections.Remove(connection))
        {
            return;
        }

        NoteCounts();
        _idleSince = Environment.TickCount64;
        _events.Remove(connection.Socket);
        if (connection.Close() is { } held)
        {
            GiveBack(connection, held);
        }
    }

    // Not here: a tree may be busy.
    private void GiveBack(ServerConnection connection, (WatchedTree Tree, JoinedFeed Joined) held) => _ = Task.Run(() =>
    {
        held.Tree.Leave(held.Joined);
        _trees.Return(held.Tree, held.Joined.Feed.Key.Root, connection.Peer.UserId);
    });

    // Asked for by other threads.
    private void CloseAsked()
    {
        while (_closing.TryDequeue(out ServerConnection? connection))
        {
            Finish(connection);
        }
    }

    private void AskToClose(ServerConnection connection)
    {
        _closing.Enqueue(connection);
        Wake();
    }

    private void Wake()
    {
        try
        {
            _wake.Signal();
        }
        catch (ObjectDisposedException)
        {
            // The server has ended, and nobody is left to look.
        }
    }

    private int NextLookMs()
    {
        if (_connections.Count == 0)
        {
            return _options.EndsWhenIdle ? LookMs : Timeout.Infinite;
        }

        return _connections.Unasked.Count > 0 ? HurriedMs : LookMs;
    }

    private int HurriedMs => (int)Math.Clamp(_options.HelloTimeout.TotalMilliseconds / 8, 10, 250);

    private long _lookedMs = Environment.TickCount64;
    private long _hurriedMs = Environment.TickCount64;

    private void LookAround()
    {
        long now = Environment.TickCount64;
        if (now - _hurriedMs >= HurriedMs)
        {
            _hurriedMs = now;
            foreach (ServerConnection late in _connections.Unasked.Where(c => c.DeadlineMs < now).ToArray())
            {
                Refuse(late, BusProblem.TimedOut, "it did not say in time what it wants");
            }
        }

        if (now - _lookedMs < LookMs)
        {
            return;
        }

        _lookedMs = now;
        LookAtUnreceived();
        LookAtLeftBehind(now);
        _trees.FindWatches();
        foreach ((WatchedTree tree, _) in _trees.All)
        {
            foreach (ChangeFeed feed in tree.Feeds)
            {
                feed.Scan();
                CloseEvicted(feed);
            }
        }

        if (_options.EndsWhenIdle && _connections.Count == _connections.Draining.Count && _trees.All.Length == 0
            && now - _idleSince > _options.GracePeriod.TotalMilliseconds)
        {
            _options.Log?.Invoke("nobody is left, and it ends");
            _isStopping = true;
        }
    }

    private void LookAtLeftBehind(long nowMs)
    {
        foreach (ServerConnection late in
            _connections.All.Where(c => c.IsLeftBehind(nowMs, _options.StallTimeout)).ToArray())
        {
            _options.Log?.Invoke($"process {late.Peer.ProcessId} stays where nothing comes any more, and is taken out");
            Finish(late);
        }
    }

    private void LookAtUnreceived()
    {
        foreach (ServerConnection late in _sent.TakeLate())
        {
            if (late.State is ConnectionState.Waiting or ConnectionState.Subscribed)
            {
                Refuse(late, BusProblem.TimedOut, "it did not receive in time what it asked for");
            }
        }

        foreach (ServerConnection done in _connections.Draining.Where(c => !c.HoldsMemory).ToArray())
        {
            Close(done);
        }
    }

    private void CloseEvicted(ChangeFeed feed)
    {
        while (feed.TryTakeEviction(out RingEviction eviction))
        {
            ServerConnection? evicted = _connections.All.FirstOrDefault(c => c.Is(feed, eviction.ConsumerId));
            if (evicted is not null)
            {
                _options.Log?.Invoke(
                    $"process {eviction.ProcessId} is taken out of {feed.Key.Root}: {eviction.Reason}, "
                    + $"{eviction.UnreadBytes} bytes behind");
                Finish(evicted);
            }
        }
    }
}
