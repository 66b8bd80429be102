namespace Vigil.Bus.Serving;

/// <summary>The connections of a server, counted by who has them. For one thread.</summary>
internal sealed class ConnectionTable
{
    private readonly Dictionary<ulong, ServerConnection> _all = [];
    private readonly Dictionary<uint, int> _perUser = [];
    private readonly Dictionary<int, int> _perProcess = [];
    private readonly SortedDictionary<ulong, ServerConnection> _new = [];
    private readonly Dictionary<ulong, ServerConnection> _unasked = [];
    private readonly Dictionary<ulong, ServerConnection> _draining = [];

    internal int Count => _all.Count;

    internal IEnumerable<ServerConnection> All => _all.Values;

    /// <summary>Those that have not said hello.</summary>
    internal int NewCount => _new.Count;

    /// <summary>Those that have not said what they want.</summary>
    internal IReadOnlyCollection<ServerConnection> Unasked => _unasked.Values;

    /// <summary>Those that are held only until their peers have received what was sent to them.</summary>
    internal IReadOnlyCollection<ServerConnection> Draining => _draining.Values;

    internal int CountOfUser(uint user) => _perUser.GetValueOrDefault(user);

    internal int CountOfProcess(int process) => _perProcess.GetValueOrDefault(process);

    internal (uint User, int Count)[] PerUser() => [.. _perUser.Select(pair => (pair.Key, pair.Value))];

    internal ServerConnection? Find(ulong id) => _all.GetValueOrDefault(id);

    internal void Add(ServerConnection connection)
    {
        _all.Add(connection.Id, connection);
        _new.Add(connection.Id, connection);
        _unasked.Add(connection.Id, connection);
        Change(_perUser, connection.Peer.UserId, 1);
        Change(_perProcess, connection.Peer.ProcessId, 1);
    }

    /// <summary>The one that has been silent for longest.</summary>
    internal ServerConnection OldestNew() => _new.First().Value;

    /// <summary>It has said hello.</summary>
    internal void NoteGreeted(ServerConnection connection) => _new.Remove(connection.Id);

    /// <summary>It has said what it wants.</summary>
    internal void NoteAsked(ServerConnection connection) => _unasked.Remove(connection.Id);

    /// <summary>It is held only until all is received.</summary>
    /// <returns>False where it was so before, or is not there.</returns>
    internal bool NoteDraining(ServerConnection connection)
    {
        _ = _new.Remove(connection.Id);
        _ = _unasked.Remove(connection.Id);
        return _all.ContainsKey(connection.Id) && _draining.TryAdd(connection.Id, connection);
    }

    internal bool Remove(ServerConnection connection)
    {
        if (!_all.Remove(connection.Id))
        {
            return false;
        }

        _ = _new.Remove(connection.Id);
        _ = _unasked.Remove(connection.Id);
        _ = _draining.Remove(connection.Id);
        Change(_perUser, connection.Peer.UserId, -1);
        Change(_perProcess, connection.Peer.ProcessId, -1);
        return true;
    }

    private static void Change<TKey>(Dictionary<TKey, int> counts, TKey key, int by)
        where TKey : notnull
    {
        int count = counts.GetValueOrDefault(key) + by;
        if (count == 0)
        {
            _ = counts.Remove(key);
        }
        else
        {
            counts[key] = count;
        }
    }
}
