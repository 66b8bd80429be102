namespace Vigil.Bus.Serving;

/// <summary>
/// Memory that is made for peers and that they have not received: it waits in their sockets, where nobody else sees
/// it, and stays there until they receive it or end, whatever the server does. So it is counted for each user, and none
/// has more made than its bound and one piece. Thread-safe.
/// </summary>
/// <param name="mostBytes">How much a user may have.</param>
/// <param name="patience">How long a user that has as much is waited for.</param>
internal sealed class SentMemory(long mostBytes, TimeSpan patience)
{
    private const int LookAgainMs = 10;

    private readonly Lock _gate = new();
    private readonly Dictionary<uint, Account> _accounts = [];
    private readonly List<(ServerConnection Peer, SentPiece Piece, long SinceMs)> _underWay = [];

    /// <summary>All that waits, in bytes.</summary>
    internal long Bytes
    {
        get
        {
            lock (_gate)
            {
                Sweep();
                return _accounts.Values.Sum(account => account.Bytes);
            }
        }
    }

    /// <summary>What waits for one user, in bytes.</summary>
    internal long BytesOf(uint user)
    {
        lock (_gate)
        {
            Sweep();
            return _accounts.TryGetValue(user, out Account? account) ? account.Bytes : 0;
        }
    }

    /// <summary>Whether a user may have more made now.</summary>
    internal bool HasRoom(uint user)
    {
        lock (_gate)
        {
            Sweep();
            return !_accounts.TryGetValue(user, out Account? account) || account.Bytes < mostBytes;
        }
    }

    /// <summary>Waits until a user may have more made.</summary>
    /// <exception cref="BusException">It has had too much for too long (TooMany).</exception>
    internal async Task WaitForRoomAsync(uint user, CancellationToken cancellation)
    {
        while (!HasRoom(user))
        {
            lock (_gate)
            {
                Account account = _accounts[user];
                if (account.Bytes >= mostBytes
                    && Environment.TickCount64 - account.FullSinceMs > patience.TotalMilliseconds)
                {
                    throw new BusException(
                        BusProblem.TooMany,
                        $"{account.Bytes} bytes wait for processes of user {user} that do not receive them, and no "
                        + "more may");
                }
            }

            await Task.Delay(LookAgainMs, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Counts a piece of memory from now on.</summary>
    /// <returns>The piece; whoever has it disposes it.</returns>
    internal SentPiece Begin(uint user, long bytes)
    {
        lock (_gate)
        {
            Add(user, bytes);
        }

        return new SentPiece(() =>
        {
            lock (_gate)
            {
                Add(user, -bytes);
            }
        });
    }

    /// <summary>Counts a piece until a peer to which it was sent has received all that was sent to it.</summary>
    internal void Track(ServerConnection peer, SentPiece piece)
    {
        piece.AddUser();
        lock (_gate)
        {
            _underWay.Add((peer, piece, Environment.TickCount64));
        }
    }

    /// <summary>The peers that have not received in time what was sent to them.</summary>
    internal ServerConnection[] TakeLate()
    {
        long before = Environment.TickCount64 - (long)patience.TotalMilliseconds;
        lock (_gate)
        {
            Sweep();
            return [.. _underWay.Where(item => item.SinceMs < before).Select(item => item.Peer).Distinct()];
        }
    }

    private void Sweep()
    {
        for (int i = _underWay.Count - 1; i >= 0; i--)
        {
            (ServerConnection peer, SentPiece piece, _) = _underWay[i];
            if (peer.HasReceivedAll)
            {
                _underWay.RemoveAt(i);
                piece.Dispose();
            }
        }
    }

    private void Add(uint user, long bytes)
    {
        if (!_accounts.TryGetValue(user, out Account? account))
        {
            account = new Account();
            _accounts.Add(user, account);
        }

        bool wasFull = account.Bytes >= mostBytes;
        account.Bytes += bytes;
        if (!wasFull && account.Bytes >= mostBytes)
        {
            account.FullSinceMs = Environment.TickCount64;
        }
    }

    private sealed class Account
    {
        internal long Bytes { get; set; }

        internal long FullSinceMs { get; set; }
    }
}
