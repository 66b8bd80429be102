using Vigil.Bus.Trees;
using Vigil.Bus.Wire;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Bus.Serving;

/// <summary>
/// One peer. The serving thread reads from it and closes it; answers may be sent by any thread. What it holds of a
/// tree is given back when it is closed, by who closes it, or by who lets it join where the closing came first.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "Close is its end, and others may ask whether it is closed for longer.")]
internal sealed class ServerConnection(ulong id, UnixSocket socket, PeerCredentials peer)
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private WatchedTree? _tree;
    private JoinedFeed? _joined;
    private long? _endedMs;
    private int _syncs;
    private bool _wasSentMemory;
    private bool _isJoining;

    internal ulong Id { get; } = id;

    internal UnixSocket Socket { get; } = socket;

    internal PeerCredentials Peer { get; } = peer;

    /// <summary>The serving thread's, but for the step from waiting to subscribed.</summary>
    internal ConnectionState State { get; set; }

    /// <summary>When it has to have said something, by <see cref="Environment.TickCount64"/>.</summary>
    internal long DeadlineMs { get; set; }

    /// <summary>Cancelled when it is closed.</summary>
    internal CancellationToken Closing => _closing.Token;

    /// <summary>Its number as a subscriber, in marks.</summary>
    internal uint SubscriberId => (uint)Id;

    /// <summary>Whether it is this subscriber.</summary>
    internal bool Is(ChangeFeed feed, ulong consumerId)
    {
        lock (_gate)
        {
            return _joined is not null && _joined.Feed == feed && _joined.ConsumerId == consumerId;
        }
    }

    /// <summary>Whether memory was sent to it that it has not received, or is being sent.</summary>
    internal bool HoldsMemory
    {
        get
        {
            lock (_gate)
            {
                return _isJoining || (_wasSentMemory && !HasReceivedAll);
            }
        }
    }

    /// <summary>Whether a ring was sent to it, or is being sent.</summary>
    internal bool WasSentRing { get; private set; }

    /// <summary>Whether its peer has received all that was sent to it, or is no more.</summary>
    internal bool HasReceivedAll
    {
        get
        {
            lock (_gate)
            {
                return State == ConnectionState.Closed || Socket.UnreceivedBytes == 0;
            }
        }
    }

    /// <summary>Sends one message, with a descriptor or without. A peer that has no room for it is none.</summary>
    /// <returns>Whether it was sent.</returns>
    internal bool TrySend(byte[] message, MemoryFile? file = null)
    {
        lock (_gate)
        {
            if (State >= ConnectionState.Draining)
            {
                return false;
            }

            if (file is null)
            {
                return Socket.TrySend(message, []) == Failure.None;
            }

            _wasSentMemory = true;
            bool taken = false;
            try
            {
                file.DangerousAddRef(ref taken);
                return Socket.TrySend(message, [(int)file.DangerousGetHandle()]) == Failure.None;
            }
            finally
            {
                if (taken)
                {
                    file.DangerousRelease();
                }
            }
        }
    }

    /// <summary>Sends what comes before a ring, which is not sent here: from then on it has one, as far as anybody can
    /// tell.</summary>
    /// <returns>As of <see cref="TrySend"/>.</returns>
    internal bool TryAnnounceRing(byte[] message)
    {
        lock (_gate)
        {
            if (!TrySend(message))
            {
                return false;
            }

            (_isJoining, _wasSentMemory, WasSentRing) = (true, true, true);
            return true;
        }
    }

    /// <summary>No ring is being sent to it any more.</summary>
    internal void EndJoining()
    {
        lock (_gate)
        {
            _isJoining = false;
        }
    }

    /// <summary>Keeps what it has of a tree.</summary>
    /// <returns>False where it is closed already: the caller gives it back.</returns>
    internal bool TryKeep(WatchedTree tree, JoinedFeed joined)
    {
        lock (_gate)
        {
            _isJoining = false;
            if (State >= ConnectionState.Draining)
            {
                return false;
            }

            // Without what only the beginning needs.
            _tree = tree;
            _joined = joined with { History = null };
            State = ConnectionState.Subscribed;
            return true;
        }
    }

    /// <summary>
    /// Whether its feed has ended (with its tree, or to begin anew) and it has stayed all the same, for as long as a
    /// subscriber may stand still: who reads comes back at once.
    /// </summary>
    /// <param name="nowMs">Environment.TickCount64.</param>
    /// <param name="limit">How long.</param>
    internal bool IsLeftBehind(long nowMs, TimeSpan limit)
    {
        lock (_gate)
        {
            if (_joined is not { Feed.IsLost: true })
            {
                return false;
            }

            _endedMs ??= nowMs;
            return nowMs - _endedMs >= limit.TotalMilliseconds;
        }
    }

    /// <summary>Begins a sync.</summary>
    /// <returns>The tree that it is to wait for; null where there are too many.</returns>
    internal WatchedTree? TryBeginSync()
    {
        lock (_gate)
        {
            if (_tree is null || _syncs >= Protocol.MaxSyncs)
            {
                return null;
            }

            _syncs++;
            return _tree;
        }
    }

    /// <summary>Ends a sync: tells the peer through its ring.</summary>
    internal void EndSync(uint sync)
    {
        WatchedTree? tree;
        JoinedFeed? joined;
        lock (_gate)
        {
            _syncs--;
            tree = _tree;
            joined = _joined;
        }

        if (joined is not null)
        {
            tree?.Mark(joined, ((ulong)SubscriberId << 32) | sync);
        }
    }

    /// <summary>Closes it. Waits for nobody.</summary>
    /// <returns>What it had of a tree, to be given back; null where it had nothing, or was closed before.</returns>
    internal (WatchedTree Tree, JoinedFeed Joined)? Close() => End(ConnectionState.Closed);

    /// <summary>Ends all but the socket: that is held so that it is seen when the peer has received what is in
    /// it.</summary>
    /// <returns>As of <see cref="Close"/>.</returns>
    internal (WatchedTree Tree, JoinedFeed Joined)? Drain() => End(ConnectionState.Draining);

    private (WatchedTree Tree, JoinedFeed Joined)? End(ConnectionState state)
    {
        WatchedTree? tree;
        JoinedFeed? joined;
        lock (_gate)
        {
            if (State >= state)
            {
                return null;
            }

            State = state;
            (tree, joined) = (_tree, _joined);
            (_tree, _joined) = (null, null);
            if (state == ConnectionState.Closed)
            {
                Socket.Shutdown();
                Socket.Dispose();
            }
        }

        // Who waits for it goes on elsewhere.
        _ = _closing.CancelAsync();
        return joined is null ? null : (tree!, joined);
    }
}
