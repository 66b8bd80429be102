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
internal sealed class RequestHandler(TreeTable trees, RootGuard guard, Func<BusStatus> status)
{
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

    private async Task<WatchedTree> TakeAsync(string root, ulong epoch, CancellationToken cancellation)
    {
        WatchedTree tree = trees.Take(root, epoch)
            ?? throw new BusException(BusProblem.TooMany, "as many trees are watched as may be");
        try
        {
            await tree.Ready.WaitAsync(cancellation).ConfigureAwait(false);
            return tree;
        }
        catch (Exception e) when (e is VigilException or IOException)
        {
            trees.Return(tree);
            throw new BusException(BusProblem.Unwatchable, e.Message);
        }
        catch
        {
            trees.Return(tree);
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

    private async Task SubscribeAsync(ServerConnection connection, SubscribeMessage message)
    {
        string root = guard.Resolve(message.Root, connection.Peer);
        WatchedTree tree = await TakeAsync(root, message.Since.Epoch, connection.Closing).ConfigureAwait(false);
        bool isKept = false;
        try
        {
            SieveRules rules = RulesOf(tree, root, message);
            if (!rules.IsWhole)
            {
                // It may have been made a moment ago, and its own creation must not come as news.
                _ = await tree.SyncAsync(connection.Closing).ConfigureAwait(false);
            }

            JoinedFeed joined = Join(connection, tree, rules, message);
            isKept = connection.TryKeep(tree, joined);
            if (!isKept)
            {
                tree.Leave(joined);
                return;
            }

            SendCatchUp(connection, tree, rules, message, joined.History, joined.Through);
        }
        finally
        {
            if (!isKept)
            {
                trees.Return(tree);
            }
        }
    }

    private static JoinedFeed Join(
        ServerConnection connection, WatchedTree tree, SieveRules rules, SubscribeMessage message)
    {
        bool wantsHistory = message.Flags.HasFlag(SubscribeFlags.Since) && message.Since.Epoch == tree.Epoch
            && message.Since.Number > 0;
        bool Announce(long through)
        {
            TreeWatcherStatistics statistics = tree.Statistics;
            return connection.TrySend(new SubscribedMessage
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

        JoinedFeed? joined = tree.TryJoin(
            rules,
            message.Flags.HasFlag(SubscribeFlags.Descriptors)
                ? (connection.Peer.UserId, connection.Peer.GroupId)
                : null,
            connection.Socket,
            wantsHistory ? message.Since.Number : null,
            Announce,
            out RingStatus status);
        return joined ?? throw (status switch
        {
            RingStatus.NotFound => new BusException(BusProblem.Ended, "the tree is gone, or has too many subscribers"),
            RingStatus.NoMemory => new BusException(BusProblem.TooMany, "there is no memory for another subscriber"),
            _ => new BusException(BusProblem.Ended, "it does not read its answers"),
        });
    }

    private static void SendCatchUp(
        ServerConnection connection,
        WatchedTree tree,
        SieveRules rules,
        SubscribeMessage message,
        byte[]? history,
        long through)
    {
        using CatchUp catchUp = history is not null
            ? CatchUp.FromHistory(history, rules, message.Since.Number, through)
            : message.Flags.HasFlag(SubscribeFlags.Since)
                ? CatchUp.FromState(CatchUpMode.Fresh, tree.Snapshot(), rules)
                : message.Flags.HasFlag(SubscribeFlags.Initial)
                    ? CatchUp.FromState(CatchUpMode.State, tree.Snapshot(), rules)
                    : CatchUp.Live(through);
        Send(
            connection,
            new CaughtUpMessage
            {
                Mode = catchUp.Mode,
                Position = new ChangePosition(tree.Epoch, catchUp.Through),
                LengthBytes = catchUp.LengthBytes,
                Root = rules.Root,
            }.Write(),
            catchUp.Records);
    }

    private async Task SinceAsync(ServerConnection connection, SubscribeMessage message)
    {
        string root = guard.Resolve(message.Root, connection.Peer);
        WatchedTree tree = await TakeAsync(root, message.Since.Epoch, connection.Closing).ConfigureAwait(false);
        try
        {
            SieveRules rules = RulesOf(tree, root, message);
            _ = await tree.SyncAsync(connection.Closing).ConfigureAwait(false);
            long through = tree.Through;
            byte[]? history = message.Since.Epoch == tree.Epoch && message.Since.Number > 0
                ? tree.TryCopyHistory(message.Since.Number, out through)
                : null;
            SendCatchUp(
                connection, tree, rules, message with { Flags = SubscribeFlags.Since }, history, through);
        }
        finally
        {
            trees.Return(tree);
        }
    }

    private async Task ClockAsync(ServerConnection connection, SubscribeMessage message)
    {
        string root = guard.Resolve(message.Root, connection.Peer);
        WatchedTree tree = await TakeAsync(root, epoch: 0, connection.Closing).ConfigureAwait(false);
        try
        {
            long number = await tree.SyncAsync(connection.Closing).ConfigureAwait(false);
            Send(connection, new MessageWriter(MessageKind.ClockIs).Write(tree.Epoch).Write(number).ToArray());
        }
        finally
        {
            trees.Return(tree);
        }
    }

    private void SendStatus(ServerConnection connection)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(status(), BusStatusContext.Default.BusStatus);
        using MemoryFile? file = CatchUp.Share(json);
        Debug.Assert(file is not null, "there always is something to tell");
        Send(connection, new MessageWriter(MessageKind.StatusIs).Write((ulong)json.Length).ToArray(), file);
    }
}
