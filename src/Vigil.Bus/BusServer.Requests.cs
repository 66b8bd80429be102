using System.Diagnostics;
using Vigil.Bus.Serving;
using Vigil.Bus.Trees;
using Vigil.Bus.Wire;
using Vigil.Platform;
using Vigil.Platform.Linux;
using Vigil.Rings;
using Vigil.Watching;

namespace Vigil.Bus;

/// <content>What peers say, and what the server tells about itself.</content>
public sealed partial class BusServer
{
    /// <summary>The server as it is now.</summary>
    /// <returns>Its trees, their feeds and subscribers.</returns>
    public BusStatus GetStatus()
    {
        BusTreeStatus[] trees = [.. _trees.All.Select(StatusOf)];
        return new BusStatus(
            Environment.ProcessId,
            SocketPath,
            Stopwatch.GetElapsedTime(_started).TotalSeconds,
            Volatile.Read(ref _count),
            _refusals.Count,
            trees.Sum(tree => (long)tree.WatchedDirectories),
            Limits.MaxUserWatches,
            Environment.WorkingSet,
            GC.GetTotalMemory(forceFullCollection: false),
            trees,
            [.. Volatile.Read(ref _users).Select(StatusOf)],
            _sent.Bytes);
    }

    private BusUserStatus StatusOf((uint User, int Connections) entry)
    {
        (uint user, int connections) = entry;
        bool isForeign = UserShares.ForeignOf(user) is not null;
        return new BusUserStatus(
            user,
            connections,
            isForeign ? _trees.CountOf(user) : 0,
            _shares.CountDirectories(user),
            _shares.CountFeeds(user),
            _sent.BytesOf(user));
    }

    private static BusTreeStatus StatusOf((WatchedTree Tree, int Users) entry)
    {
        WatchedTree tree = entry.Tree;
        TreeWatcherStatistics statistics = tree.Statistics;
        (long bytes, int count) = tree.History;
        return new BusTreeStatus(
            tree.Root,
            new ChangePosition(tree.Epoch, tree.Through).ToString(),
            statistics.Directories,
            statistics.Entries,
            statistics.WatchedDirectories,
            statistics.PolledDirectories,
            statistics.Changes,
            tree.ChangesPerSecond(),
            statistics.Overflows,
            bytes,
            count,
            entry.Users,
            [.. tree.Feeds.Select(StatusOf)]);
    }

    private static BusFeedStatus StatusOf(ChangeFeed feed) => new(
        feed.Key.Root,
        feed.Records,
        feed.RingBytes,
        feed.Key.Descriptors is not null,
        [
            .. feed.GetConsumers().Select(consumer => new BusSubscriberStatus(
                consumer.ProcessId, (long)consumer.UnreadBytes, consumer.MissedRecords)),
        ]);

    private void Receive(ServerConnection connection)
    {
        Failure failure = connection.Socket.TryReceive(_buffer, out ReceivedMessage received);
        using (received)
        {
            if (failure is Failure.WouldBlock or Failure.Interrupted)
            {
                return;
            }

            if (failure != Failure.None || received.LengthBytes == 0)
            {
                // Its end, or only that of its own side; also a message without a byte, which nobody needs to send.
                // What it has not received may lie in its socket all the same.
                Finish(connection);
                return;
            }

            if (connection.State == ConnectionState.Draining)
            {
                // Its end may come after it.
                _events.Arm(connection.Socket, connection.Id);
                return;
            }

            try
            {
                if (!received.IsComplete || !received.Descriptors.IsEmpty)
                {
                    throw new BusException(
                        BusProblem.Protocol, "a message is too long, or comes with descriptors that nobody asked for");
                }

                Take(connection, new MessageReader(_buffer.AsSpan(0, received.LengthBytes)));
            }
            catch (BusException e)
            {
                Refuse(connection, e.Problem, e.Message);
            }
        }
    }

    private void Take(ServerConnection connection, MessageReader reader)
    {
        switch (connection.State, reader.Kind)
        {
            case (ConnectionState.New, MessageKind.Hello):
                Greet(connection, ref reader);
                break;
            case (ConnectionState.Greeted,
                MessageKind.Subscribe or MessageKind.Since or MessageKind.Clock or MessageKind.Status):
                MessageKind kind = reader.Kind;
                SubscribeMessage? message =
                    kind == MessageKind.Status ? null : SubscribeMessage.Read(ref reader);
                connection.State = ConnectionState.Waiting;
                _connections.NoteAsked(connection);
                _ = Task.Run(() => AnswerAsync(connection, kind, message));
                break;
            case (ConnectionState.Subscribed, MessageKind.Sync):
                uint sync = reader.ReadUInt32();
                WatchedTree tree = connection.TryBeginSync()
                    ?? throw new BusException(BusProblem.TooMany, "it asks for too many syncs at a time");
                _ = Task.Run(() => SyncAsync(connection, tree, sync));
                break;
            default:
                throw new BusException(
                    BusProblem.Protocol, $"message {reader.Kind} does not fit: the connection is {connection.State}");
        }
    }

    /// <summary>
    /// What a failure is for the peer. Only where the root is not there, or is nothing that can be watched, may a
    /// reader that comes back take it for gone, and drop all that it holds. A limit, or a disk that does not answer,
    /// says nothing of the root, and may be tried again.
    /// </summary>
    internal static BusProblem ProblemOf(Failure failure) => failure switch
    {
        Failure.NotFound or Failure.NotDirectory or Failure.SymlinkLoop or Failure.NameTooLong
            or Failure.NotSupported => BusProblem.Unwatchable,
        Failure.AccessDenied => BusProblem.NotAllowed,
        _ => BusProblem.TooMany,
    };

    /// <inheritdoc cref="ProblemOf(Failure)"/>
    internal static BusProblem ProblemOf(Exception failure) =>
        ProblemOf(failure is VigilException known ? known.Failure : Failure.Io);

    private void Greet(ServerConnection connection, ref MessageReader reader)
    {
        if (reader.ReadUInt64() != Protocol.Magic)
        {
            throw new BusException(BusProblem.Protocol, "it does not speak this protocol");
        }

        uint lowest = reader.ReadUInt32();
        uint highest = reader.ReadUInt32();
        if (lowest > Protocol.Version || highest < Protocol.Version)
        {
            throw new BusException(
                BusProblem.Version,
                $"it speaks the versions {lowest} to {highest} of the protocol, and this server {Protocol.Version}");
        }

        connection.State = ConnectionState.Greeted;
        _connections.NoteGreeted(connection);
        connection.DeadlineMs = Environment.TickCount64 + (long)_options.HelloTimeout.TotalMilliseconds;
        byte[] welcome = new MessageWriter(MessageKind.Welcome)
            .Write(Protocol.Version).Write((uint)Environment.ProcessId).ToArray();
        if (!connection.TrySend(welcome))
        {
            Close(connection);
        }
    }

    private async Task AnswerAsync(ServerConnection connection, MessageKind kind, SubscribeMessage? message)
    {
        bool goesOn = false;
        try
        {
            goesOn = await _handler.AnswerAsync(connection, kind, message).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It is closed, and nobody waits for the answer.
        }
        catch (Exception e)
        {
            (BusProblem problem, string reason) = e switch
            {
                BusException refused => (refused.Problem, refused.Message),
                VigilException => (ProblemOf(e), e.Message),
                RingException => (BusProblem.Ended, e.Message),
                ObjectDisposedException => (BusProblem.Ended, "the server or the tree ends"),
                _ => (BusProblem.Ended, $"this should not happen, please report it: {e.GetType().Name}: {e.Message}"),
            };
            _refusals.Add($"process {connection.Peer.ProcessId} of user {connection.Peer.UserId}: {reason}");
            _ = connection.TrySend(Refusal(problem, reason));
        }

        connection.EndJoining();
        if (!goesOn)
        {
            AskToClose(connection);
        }
    }

    private async Task SyncAsync(ServerConnection connection, WatchedTree tree, uint sync)
    {
        try
        {
            _ = await tree.SyncAsync(connection.Closing).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The subscription ends, and says so itself.
        }
        catch (Exception e)
        {
            // It comes back, and asks again.
            _refusals.Add($"process {connection.Peer.ProcessId}: a sync failed: {e.GetType().Name}: {e.Message}");
            AskToClose(connection);
            return;
        }

        connection.EndSync(sync);
    }
}
