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

    private readonly ReadinessWaiter _waiter;
    private readonly byte[] _buffer = new byte[Protocol.MaxMessageBytes];
    private readonly Lock _gate = new();
    private readonly bool _standsBy;
    private bool _isDisposed;

    private BusConnection(UnixSocket socket, bool standsBy)
    {
        _standsBy = standsBy;
        Socket = socket;
        _waiter = new ReadinessWaiter(socket);
    }

    internal UnixSocket Socket { get; }

    /// <summary>The server's process, by its own word.</summary>
    internal int ServerProcessId { get; private set; }

    /// <summary>Connects and says hello.</summary>
    /// <param name="path">Where the server's socket is.</param>
    /// <param name="standsBy">Whether who asks waits for answers itself at first, before threads are started for
    /// it.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="BusException">There is no server, or it refused.</exception>
    internal static async Task<BusConnection> OpenAsync(string path, bool standsBy, CancellationToken cancellation)
    {
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

            var connection = new BusConnection(socket, standsBy);
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
    /// <returns>Its bytes, valid until the next call, and the descriptor that came with it; the caller disposes
    /// it.</returns>
    /// <exception cref="BusException">The server refused, ended, or said something else.</exception>
    internal async Task<(ReadOnlyMemory<byte> Message, MemoryFile? File)> ReceiveAsync(
        MessageKind expected, CancellationToken cancellation)
    {
        while (true)
        {
            Failure failure = Socket.TryReceive(_buffer, out ReceivedMessage received);
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

            if (_standsBy && Poll.Wait(Socket, null, null, StandingByMs) != PollReady.None)
            {
                continue;
            }

            bool isOpen = await _waiter.WaitAsync(cancellation).ConfigureAwait(false);
            ObjectDisposedException.ThrowIf(!isOpen, this);
        }
    }

    /// <summary>Why the server ended the subscription, if it said so.</summary>
    internal string? TryReadLastWord()
    {
        try
        {
            while (Socket.TryReceive(_buffer, out ReceivedMessage received) == Failure.None)
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

    private async Task GreetAsync(CancellationToken cancellation)
    {
        Send(new MessageWriter(MessageKind.Hello)
            .Write(Protocol.Magic).Write(Protocol.Version).Write(Protocol.Version).ToArray());
        (ReadOnlyMemory<byte> message, MemoryFile? file) =
            await ReceiveAsync(MessageKind.Welcome, cancellation).ConfigureAwait(false);
        file?.Dispose();
        var reader = new MessageReader(message.Span);
        _ = reader.ReadUInt32();
        ServerProcessId = (int)reader.ReadUInt32();
    }
}
