using System.Diagnostics;
using System.Text.Json;
using Vigil.Bus.Records;
using Vigil.Bus.Trees;
using Vigil.Bus.Wire;
using Vigil.Platform;
using Vigil.Platform.Linux;
using Vigil.Rings;
using Vigil.Watching;

namespace Vigil.Bus.Serving;

/// <summary>
/// Makes the answers that take time: trees that have to be watched first, states that have to be gathered. Each runs
/// by itself, on no thread of its own. Thread-safe.
/// </summary>
internal sealed class RequestHandler(
    TreeTable trees, RootQuestions roots, SentMemory sent, Func<BusStatus> status)
{
    private const int MostAttempts = 25;
    private const int AttemptsInside = 5;
    private const int AttemptMs = 20;
    private const int MostSyncMs = 2000;

    /// <summary>Answers what a peer asked for.</summary>
    /// <param name="connection">The peer.</param>
    /// <param name="kind">What kind of question it is.</param>
    /// <param name="message">The question; null for those that have none.</param>
    /// <returns>Whether the connection goes on.</returns>
    /// <exception cref="BusException">Why there is no answer.</exception>
    internal async Task<bool> AnswerAsync(ServerConnection connection, MessageKind kind, SubscribeMessage? message)
    {
        switch (kind)
        {
            case MessageKind.Subscribe:
                await SubscribeAsync(connection, message!).ConfigureAwait(false);
                return true;
            case MessageKind.Since:
                await SinceAsync(connection, message!).ConfigureAwait(false);
                return false;
            case MessageKind.Clock:
                await ClockAsync(connection, message!).ConfigureAwait(false);
                return false;
            default:
                SendStatus(connection);
                return false;
        }
    }

    private static void Send(ServerConnection connection, byte[] bytes, MemoryFile? file = null)
    {
        if (!connection.TrySend(bytes, file))
        {
            throw new BusException(BusProblem.Ended, "it does not read its answers");
        }
    }

    private async Task<WatchedTree> TakeAsync(
        string root, ChangePosition since, bool isApart, uint user, CancellationToken cancellation)
    {
        WatchedTree tree = trees.Take(root, since, isApart, user);
        try
        {
            await tree.Ready.WaitAsync(cancellation).ConfigureAwait(false);
            return tree;
        }
        catch (WatchBudgetException e)
        {
            trees.Return(tree, root, user);
            throw new BusException(BusProblem.TooMany, $"{root} is too large for user {user}: {e.Message}");
        }
        catch (Exception e) when (e is VigilException or IOException)
        {
            trees.Return(tree, root, user);
            throw new BusException(BusServer.ProblemOf(e), e.Message);
        }
        catch
        {
            trees.Return(tree, root, user);
            throw;
        }
    }

    private static SieveRules RulesOf(WatchedTree tree, string root, SubscribeMessage message)
    {
        try
        {
            var rules = new SieveRules(
                PathText.ToBytes(root), tree.Root == root, message.Kinds, message.Include, message.Exclude);
            _ = new ChangeSieve(rules);
            return rules;
        }
        catch (ArgumentException e)
        {
            throw new BusException(BusProblem.Protocol, e.Message);
        }
    }

    // A name may lead elsewhere at any moment: what was allowed has to be what is watched. A tree around it may never
    // see what is there (below a directory that may not be listed): then it is watched by itself, and what others watch
    // stays as it is.
    private async Task<(WatchedTree Tree, ResolvedRoot Root)> TakeAsync(
        ServerConnection connection, SubscribeMessage message, ChangePosition since)
    {
        string? before = null;
        for (int attempt = 1; ; attempt++)
        {
            ResolvedRoot root = await roots.ResolveAsync(message.Root, connection.Peer, connection.Closing)
                .ConfigureAwait(false);
            uint user = connection.Peer.UserId;
            WatchedTree tree = await TakeAsync(
                root.Path, since, isApart: attempt > AttemptsInside, user, connection.Closing).ConfigureAwait(false);
            try
            {
                await trees.FindWatchesAsync(tree, connection.Closing).ConfigureAwait(false);

                // It may have been made a moment ago, and its own creation must not come as news.
                await SyncAsync(tree, connection.Closing).ConfigureAwait(false);
                if (tree.Has(root) || (root.Path == before && HasFile(tree, root)))
                {
                    return (tree, root);
                }
            }
            catch (ObjectDisposedException) when (!connection.Closing.IsCancellationRequested)
            {
                // It has ended meanwhile.
            }
            catch
            {
                trees.Return(tree, root.Path, user);
                throw;
            }

            before = root.Path;
            bool isLast = attempt == MostAttempts;
            if (root.Path == tree.Root && (isLast || root.Status.Type == EntryType.Directory))
            {
                trees.Drop(tree);
            }

            trees.Return(tree, root.Path, user);
            if (isLast)
            {
                throw new BusException(
                    BusProblem.TooMany, $"{root.Path} cannot be watched now: another takes its place again and again");
            }

            await Task.Delay(AttemptMs, connection.Closing).ConfigureAwait(false);
        }
    }

    // Of a file the name counts: it is saved by making another, maybe just now, and again before the next look.
    private static bool HasFile(WatchedTree tree, in ResolvedRoot root) =>
        root.Status.Type == EntryType.File && tree.HasName(root.Path);

    // Where the tree changes without a pause it goes on with what was seen by then: what comes later is newer than the
    // position that is told.
    private static async Task SyncAsync(WatchedTree tree, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(MostSyncMs);
        try
        {
            _ = await tree.SyncAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // So be it.
        }
    }

    private async Task SubscribeAsync(ServerConnection connection, SubscribeMessage message)
    {
        (WatchedTree tree, ResolvedRoot root) =
            await TakeAsync(connection, message, message.Since).ConfigureAwait(false);
        bool isKept = false;
        HistoryTurn? turn = null;
        try
        {
            SieveRules rules = RulesOf(tree, root.Path, message);
            if (WantsHistory(tree, message))
            {
                turn = await TakeTurnAsync(connection, tree).ConfigureAwait(false);
            }

            JoinedFeed joined = await JoinAsync(connection, tree, rules, message).ConfigureAwait(false);
            isKept = connection.TryKeep(tree, joined);
            if (!isKept)
            {
                tree.Leave(joined);
                return;
            }

            // Who was taken out before it was known whose place it is would be looked for in vain.
            if (!joined.Feed.Has(joined.ConsumerId))
            {
                throw new BusException(BusProblem.Ended, "it stood still from the beginning");
            }

            // What became of the root before it joined it would never hear.
            if (!tree.Has(root) && !HasFile(tree, root))
            {
                throw new BusException(BusProblem.Unwatchable, $"{root.Path} cannot be watched: it went meanwhile");
            }

            await SendCatchUpAsync(connection, tree, rules, message, joined.History, joined.Through, turn)
                .ConfigureAwait(false);
        }
        finally
        {
            turn?.Dispose();

            if (!isKept)
            {
                trees.Return(tree, root.Path, connection.Peer.UserId);
            }
        }
    }

    // A turn at the history of a tree, with room for what comes of it.
    private async Task<HistoryTurn> TakeTurnAsync(ServerConnection connection, WatchedTree tree)
    {
        while (true)
        {
            await sent.WaitForRoomAsync(connection.Peer.UserId, connection.Closing).ConfigureAwait(false);
            await tree.HistoryTurns.WaitAsync(connection.Closing).ConfigureAwait(false);
            var turn = new HistoryTurn(tree.HistoryTurns);
            if (sent.HasRoom(connection.Peer.UserId))
            {
                return turn;
            }

            turn.Dispose();
        }
    }

    private static bool WantsHistory(WatchedTree tree, SubscribeMessage message) =>
        message.Flags.HasFlag(SubscribeFlags.Since) && message.Since.Epoch == tree.Epoch && message.Since.Number > 0;

    private static async Task<JoinedFeed> JoinAsync(
        ServerConnection connection, WatchedTree tree, SieveRules rules, SubscribeMessage message)
    {
        bool Announce(long through)
        {
            TreeWatcherStatistics statistics = tree.Statistics;
            return connection.TryAnnounceRing(new SubscribedMessage
            {
                Position = new ChangePosition(tree.Epoch, through),
                SubscriberId = connection.SubscriberId,
                Root = rules.Root,
                Notice = new WatchNotice
                {
                    Directories = statistics.Directories,
                    Entries = statistics.Entries,
                    Backend = tree.ReadyNotice?.Backend ?? WatchBackend.Auto,
                },
            }.Write());
        }

        (JoinedFeed? joined, RingStatus status) = await tree.JoinAsync(
            rules,
            message.Flags.HasFlag(SubscribeFlags.Descriptors)
                ? (connection.Peer.UserId, connection.Peer.GroupId)
                : null,
            connection.Socket,
            WantsHistory(tree, message) ? message.Since.Number : null,
            Announce,
            UserShares.ForeignOf(connection.Peer.UserId)).ConfigureAwait(false);
        return joined ?? throw (status switch
        {
            RingStatus.NotFound => new BusException(BusProblem.Ended, "the tree is gone, or has too many subscribers"),
            RingStatus.NoMemory => new BusException(BusProblem.TooMany, "there is no memory for another subscriber"),
            _ => new BusException(BusProblem.Ended, "it does not read its answers"),
        });
    }

    private async Task SendCatchUpAsync(
        ServerConnection connection,
        WatchedTree tree,
        SieveRules rules,
        SubscribeMessage message,
        HistoryCopy? history,
        long through,
        HistoryTurn? turn)
    {
        using CatchUp? told = history is null
            ? null
            : CatchUp.FromHistory(history, rules, message.Since.Number, through, connection.Closing);
        using SentPiece? piece = told is null ? null : sent.Begin(connection.Peer.UserId, told.LengthBytes);
        turn?.Dispose();
        bool isFresh = message.Flags.HasFlag(SubscribeFlags.Since);
        if (told is not null)
        {
            Send(connection, tree, rules, told, told.Mode, piece);
        }
        else if (!isFresh && !message.Flags.HasFlag(SubscribeFlags.Initial))
        {
            using CatchUp live = CatchUp.Live(through);
            Send(connection, tree, rules, live, live.Mode, piece: null);
        }
        else
        {
            using SharedState state =
                await tree.States.TakeAsync(rules, connection.Peer.UserId, connection.Closing).ConfigureAwait(false);
            Send(
                connection,
                tree,
                rules,
                await state.Made.ConfigureAwait(false),
                isFresh ? CatchUpMode.Fresh : CatchUpMode.State,
                state.Piece);
        }
    }

    private void Send(
        ServerConnection connection,
        WatchedTree tree,
        SieveRules rules,
        CatchUp catchUp,
        CatchUpMode mode,
        SentPiece? piece)
    {
        Send(
            connection,
            new CaughtUpMessage
            {
                Mode = mode,
                Position = new ChangePosition(tree.Epoch, catchUp.Through),
                LengthBytes = catchUp.LengthBytes,
                Root = rules.Root,
            }.Write(),
            catchUp.Records);
        if (piece is not null)
        {
            sent.Track(connection, piece);
        }
    }

    private async Task SinceAsync(ServerConnection connection, SubscribeMessage message)
    {
        (WatchedTree tree, ResolvedRoot root) =
            await TakeAsync(connection, message, message.Since).ConfigureAwait(false);
        try
        {
            SieveRules rules = RulesOf(tree, root.Path, message);
            SubscribeMessage since = message with { Flags = SubscribeFlags.Since };
            using HistoryTurn? turn =
                WantsHistory(tree, since) ? await TakeTurnAsync(connection, tree).ConfigureAwait(false) : null;
            long through = tree.Through;
            HistoryCopy? history =
                turn is null ? null : tree.TryCopyHistory(message.Since.Number, rules, out through);
            await SendCatchUpAsync(connection, tree, rules, since, history, through, turn).ConfigureAwait(false);
        }
        finally
        {
            trees.Return(tree, root.Path, connection.Peer.UserId, hasPosition: true);
        }
    }

    private async Task ClockAsync(ServerConnection connection, SubscribeMessage message)
    {
        (WatchedTree tree, ResolvedRoot root) =
            await TakeAsync(connection, message, since: default).ConfigureAwait(false);
        try
        {
            Send(connection, new MessageWriter(MessageKind.ClockIs).Write(tree.Epoch).Write(tree.Through).ToArray());
        }
        finally
        {
            trees.Return(tree, root.Path, connection.Peer.UserId, hasPosition: true);
        }
    }

    private void SendStatus(ServerConnection connection)
    {
        if (connection.Peer.UserId != UnixSocket.OwnUserId)
        {
            throw new BusException(BusProblem.NotAllowed, "what the server does for others is told to its own user");
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(status(), BusStatusContext.Default.BusStatus);
        using MemoryFile? file = CatchUp.Share(json);
        Debug.Assert(file is not null, "there always is something to tell");
        Send(connection, new MessageWriter(MessageKind.StatusIs).Write((ulong)json.Length).ToArray(), file);
    }
}
