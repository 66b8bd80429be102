namespace Vigil.Bus.Serving;

/// <summary>What the processes of one user have not received, and who of them waits to have more made. Thread-safe.
/// </summary>
/// <remarks>
/// Implementation notes. The kernel tells nobody when a peer receives: so it has to be asked, for each peer that has
/// something. One task does that for all who wait, while any do, and lets one of them go on; the next goes on as soon
/// as that one's memory is counted, or at the next look. Who asks in between is told what the last look found: where
/// that was that there is no room, it waits a moment too long at the most. Lock order: the account's gate, then a
/// connection's.
/// </remarks>
/// <param name="user">Whose.</param>
/// <param name="mostBytes">How much it may have.</param>
/// <param name="patience">How long it is waited for where it has as much.</param>
internal sealed class SentAccount(uint user, long mostBytes, TimeSpan patience)
{
    private const int LookAgainMs = 10;

    private readonly Lock _gate = new();
    private readonly List<(ServerConnection Peer, SentPiece Piece, long SinceMs)> _underWay = [];
    private readonly LinkedList<TaskCompletionSource> _waiting = [];
    private long _bytes;
    private long _looks;
    private long _fullSinceMs;
    private long _lookedMs = long.MinValue / 2;
    private bool _isLooking;

    /// <summary>What waits, in bytes.</summary>
    internal long Bytes
    {
        get
        {
            lock (_gate)
            {
                Sweep();
                return _bytes;
            }
        }
    }

    /// <summary>How often a peer was asked for.</summary>
    internal long Looks
    {
        get
        {
            lock (_gate)
            {
                return _looks;
            }
        }
    }

    /// <summary>Whether more may be made.</summary>
    internal bool HasRoom
    {
        get
        {
            lock (_gate)
            {
                return FindRoom();
            }
        }
    }

    /// <summary>Waits until more may be made, behind those that wait already.</summary>
    /// <exception cref="BusException">There has been too much for too long (TooMany).</exception>
    internal async Task WaitForRoomAsync(CancellationToken cancellation)
    {
        LinkedListNode<TaskCompletionSource> place;
        lock (_gate)
        {
            if (_waiting.Count == 0 && FindRoom())
            {
                return;
            }

            if (IsHopeless)
            {
                throw TooMuch();
            }

            place = _waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            if (!_isLooking)
            {
                _isLooking = true;
                _ = Task.Run(LookAsync, CancellationToken.None);
            }
        }

        try
        {
            await place.Value.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                if (place.List is not null)
                {
                    _waiting.Remove(place);
                }
            }
        }
    }

    /// <summary>Counts so much more, or less.</summary>
    internal void Add(long bytes)
    {
        lock (_gate)
        {
            bool wasFull = _bytes >= mostBytes;
            _bytes += bytes;
            if (_bytes < mostBytes)
            {
                LetOneGoOn();
            }
            else if (!wasFull)
            {
                _fullSinceMs = Environment.TickCount64;
            }
        }
    }

    /// <summary>Counts a piece until a peer has received all that was sent to it. The piece counts one user for
    /// that.</summary>
    internal void Track(ServerConnection peer, SentPiece piece)
    {
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
            return [.. _underWay.Where(item => item.SinceMs < before).Select(item => item.Peer)];
        }
    }

    private bool IsHopeless =>
        _bytes >= mostBytes && Environment.TickCount64 - _fullSinceMs > patience.TotalMilliseconds;

    private BusException TooMuch() => new(
        BusProblem.TooMany,
        $"{_bytes} bytes wait for processes of user {user} that do not receive them, and no more may");

    private async Task LookAsync()
    {
        while (true)
        {
            await Task.Delay(LookAgainMs).ConfigureAwait(false);
            lock (_gate)
            {
                if (FindRoom())
                {
                    LetOneGoOn();
                }
                else if (IsHopeless)
                {
                    foreach (TaskCompletionSource waiting in _waiting)
                    {
                        _ = waiting.TrySetException(TooMuch());
                    }

                    _waiting.Clear();
                }

                if (_waiting.Count == 0)
                {
                    _isLooking = false;
                    return;
                }
            }
        }
    }

    private void LetOneGoOn()
    {
        if (_waiting.First is { } first)
        {
            _waiting.RemoveFirst();
            _ = first.Value.TrySetResult();
        }
    }

    // Only where there is none is it worth a look, and not for everyone who asks.
    private bool FindRoom()
    {
        if (_bytes >= mostBytes && Environment.TickCount64 - _lookedMs >= LookAgainMs)
        {
            Sweep();
        }

        return _bytes < mostBytes;
    }

    private void Sweep()
    {
        _lookedMs = Environment.TickCount64;
        for (int i = _underWay.Count - 1; i >= 0; i--)
        {
            (ServerConnection peer, SentPiece piece, _) = _underWay[i];
            _looks++;
            if (peer.HasReceivedAll)
            {
                _underWay.RemoveAt(i);
                piece.Dispose();
            }
        }
    }
}
