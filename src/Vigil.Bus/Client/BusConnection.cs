using System.Buffers.Binary;
using System.Globalization;
using Vigil.Bus.Wire;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Bus.Client;

/// <summary>One connection to a server. One question at a time; sending and disposing are thread-safe.</summary>
internal sealed class BusConnection : IDisposable
{
    private const int ConnectAgainMs = 5;
    private const int ConnectAttempts = 200;

    // As long as an answer takes that needs nothing but the watcher's word, on a busy machine, too.
    private const int StandingByMs = 50;

    /// <summary>How long an answer may take that needs nothing but the server's word.</summary>
    internal static readonly TimeSpan WordLimit = TimeSpan.FromSeconds(5);

    // CancelAfter takes no more.
    private static readonly TimeSpan LongestLimit = TimeSpan.FromMilliseconds(int.MaxValue);

    private readonly ReadinessWaiter _waiter;
    private readonly byte[] _buffer = new byte[Protocol.MaxMessageBytes];
    private readonly Lock _gate = new();
    private readonly BusClientOptions _options;
    private bool _isDisposed;

    private BusConnection(UnixSocket socket, BusClientOptions options)
    {
        _options = options;
        Socket = socket;
        _waiter = new ReadinessWaiter(socket);
    }

    internal UnixSocket Socket { get; }

    /// <summary>The server's process, by its own word.</summary>
    internal int ServerProcessId { get; private set; }

    /// <summary>Connects and says hello.</summary>
    /// <param name="options">Where, and whose servers are believed.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="BusException">There is no server, or it refused, or says nothing (TimedOut); or it is another
    /// user's (NotAllowed).</exception>
    internal static async Task<BusConnection> OpenAsync(BusClientOptions options, CancellationToken cancellation)
    {
        string path = options.SocketPath!;
        BusSocket.CheckDirectory(path);
        for (int attempt = 1; ; attempt++)
        {
            UnixSocket? socket = UnixSocket.TryConnect(path, out Failure failure, packets: true);
            if (socket is null && failure is Failure.WouldBlock or Failure.Interrupted && attempt < ConnectAttempts)
            {
                // As many wait to be accepted as can.
                await Task.Delay(ConnectAgainMs, cancellation).ConfigureAwait(false);
                continue;
            }

            if (socket is null)
            {
                throw new BusException(
                    failure == Failure.AccessDenied ? BusProblem.NotAllowed : BusProblem.NoServer,
                    $"{path}: no server can be reached ({failure}); `vigil serve` starts one");
            }

            CheckServer(socket, path, options.TrustedServerUserIds);
            var connection = new BusConnection(socket, options);
            try
            {
                await connection.GreetAsync(cancellation).ConfigureAwait(false);
                return connection;
            }
            catch (BusException e) when (e.Problem == BusProblem.TooMany && attempt < ConnectAttempts)
            {
                // Those who only connect and say nothing are sent away soon.
                connection.Dispose();
                await Task.Delay(ConnectAgainMs * 4, cancellation).ConfigureAwait(false);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }
    }

    /// <summary>Sends one message.</summary>
    /// <exception cref="BusException">The server is gone.</exception>
    internal void Send(byte[] message)
    {
        lock (_gate)
        {
            Failure failure = _isDisposed ? Failure.Disconnected : Socket.TrySend(message, []);
            if (failure is not (Failure.None or Failure.Disconnected))
            {
                throw new BusException(BusProblem.Ended, $"the server could not be told: {failure}");
            }
        }
    }

    /// <summary>Waits for the next message.</summary>
    /// <param name="expected">What it has to be.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="limit">How long it may take; null for <see cref="BusClientOptions.AnswerTimeout"/>.</param>
    /// <returns>Its bytes, valid until the next call, and the descriptor that came with it; the caller disposes
    /// it.</returns>
    /// <exception cref="BusException">The server refused, ended, said something else, or nothing in time.</exception>
    internal async Task<(ReadOnlyMemory<byte> Message, MemoryFile? File)> ReceiveAsync(
        MessageKind expected, CancellationToken cancellation, TimeSpan? limit = null)
    {
        while (true)
        {
            Failure failure = TryReceive(out ReceivedMessage received);
            using (received)
            {
                if (failure == Failure.None && received.LengthBytes > 0)
                {
                    ReadOnlyMemory<byte> message = _buffer.AsMemory(0, received.LengthBytes);
                    Expect(message.Span, expected);
                    return (message, received.Descriptors is [var first] ? MemoryFile.Adopt(first) : null);
                }

                if (failure is not (Failure.WouldBlock or Failure.Interrupted))
                {
                    throw new BusException(BusProblem.Ended, "the server is gone, or closed the connection");
                }
            }

            await WaitAsync(limit ?? _options.AnswerTimeout, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for the message of the ring, which is left where it is.</summary>
    /// <exception cref="BusException">The server refused or ended instead, or said nothing in time.</exception>
    internal async Task WaitForRingAsync(CancellationToken cancellation)
    {
        while (!IsRingThere(out bool isOther))
        {
            if (isOther)
            {
                // Whatever it is, it is not what comes next, so this throws.
                _ = await ReceiveAsync(MessageKind.None, cancellation).ConfigureAwait(false);
            }

            await WaitAsync(_options.AnswerTimeout, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Why the server ended the subscription, if it said so.</summary>
    internal string? TryReadLastWord()
    {
        try
        {
            while (TryReceive(out ReceivedMessage received) == Failure.None)
            {
                using (received)
                {
                    if (received.LengthBytes == 0)
                    {
                        return null;
                    }

                    var reader = new MessageReader(_buffer.AsSpan(0, received.LengthBytes));
                    if (reader.Kind == MessageKind.Refused)
                    {
                        _ = reader.ReadUInt32();
                    }

                    if (reader.Kind is MessageKind.Refused or MessageKind.Ended)
                    {
                        return reader.ReadText();
                    }
                }
            }
        }
        catch (Exception e) when (e is BusException or ObjectDisposedException)
        {
            // Nothing that can be told.
        }

        return null;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        _waiter.Close();
        Socket.Dispose();
    }

    // No ring has so few bytes, and a message of the bus begins with its length.
    private bool IsRingThere(out bool isOther)
    {
        Span<byte> start = stackalloc byte[sizeof(uint)];
        Failure failure = Socket.TryPeek(start, out int lengthBytes);
        bool isNothing = failure is Failure.WouldBlock or Failure.Interrupted;
        isOther = !isNothing && (failure != Failure.None || lengthBytes == 0
            || BinaryPrimitives.ReadUInt32LittleEndian(start) == lengthBytes);
        return !isNothing && !isOther;
    }

    private async ValueTask WaitAsync(TimeSpan limit, CancellationToken cancellation)
    {
        if (_options.AsksOnce && Poll.Wait(Socket, null, null, StandingByMs) != PollReady.None)
        {
            return;
        }

        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(limit < LongestLimit ? limit : LongestLimit);
        try
        {
            bool isOpen = await _waiter.WaitAsync(limited.Token).ConfigureAwait(false);
            ObjectDisposedException.ThrowIf(!isOpen, this);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BusException(
                BusProblem.TimedOut,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{_options.SocketPath}: who listens there said nothing for {limit.TotalSeconds:0.###} s"));
        }
    }

    // A server that closes with something of ours unread makes it an error here (ECONNRESET), which is told before what
    // it said last: that is still there, and comes next.
    private Failure TryReceive(out ReceivedMessage received)
    {
        Failure failure = Socket.TryReceive(_buffer, out received);
        if (failure == Failure.Disconnected)
        {
            received.Dispose();
            failure = Socket.TryReceive(_buffer, out received);
        }

        return failure;
    }

    private static void Expect(ReadOnlySpan<byte> message, MessageKind expected)
    {
        var reader = new MessageReader(message);
        if (reader.Kind == MessageKind.Refused)
        {
            var problem = (BusProblem)reader.ReadUInt32();
            throw new BusException(problem, reader.ReadText());
        }

        if (reader.Kind == MessageKind.Ended)
        {
            throw new BusException(BusProblem.Ended, reader.ReadText());
        }

        if (reader.Kind != expected)
        {
            throw new BusException(BusProblem.Protocol, $"the server answers {reader.Kind} and not {expected}");
        }
    }

    // Whoever could make the path could serve there, learn what is asked for, and invent changes.
    private static void CheckServer(UnixSocket socket, string path, ISet<uint> trusted)
    {
        bool isKnown = socket.TryGetPeer(out PeerCredentials server) == Failure.None;
        if (isKnown && (server.UserId == UnixSocket.OwnUserId || server.UserId == 0 || trusted.Contains(server.UserId)))
        {
            return;
        }

        socket.Dispose();
        throw new BusException(
            BusProblem.NotAllowed,
            $"{path}: user {server.UserId} serves there, whom nobody told this client to trust "
            + $"({nameof(BusClientOptions.TrustedServerUserIds)}, --trust-user {server.UserId})");
    }

    private async Task GreetAsync(CancellationToken cancellation)
    {
        Send(new MessageWriter(MessageKind.Hello)
            .Write(Protocol.Magic).Write(Protocol.Version).Write(Protocol.Version).ToArray());
        (ReadOnlyMemory<byte> message, MemoryFile? file) =
            await ReceiveAsync(MessageKind.Welcome, cancellation, WordLimit).ConfigureAwait(false);
        file?.Dispose();
        var reader = new MessageReader(message.Span);
        _ = reader.ReadUInt32();
        ServerProcessId = (int)reader.ReadUInt32();
    }
}
