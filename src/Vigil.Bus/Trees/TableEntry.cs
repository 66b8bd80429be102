using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Bus.Trees;

/// <summary>A tree in the table, and who uses it. Under the table's gate.</summary>
/// <param name="tree">The tree.</param>
/// <param name="budget">How many directories it may have; null for as many as there are.</param>
internal sealed class TableEntry(WatchedTree tree, WatchBudget? budget)
{
    private readonly Dictionary<uint, int> _users = [];

    internal WatchedTree Tree { get; } = tree;

    /// <summary>How many use it.</summary>
    internal int Users { get; private set; }

    /// <summary>How often it was taken.</summary>
    internal long Uses { get; private set; }

    /// <summary>The user that left it last.</summary>
    internal uint LastUser { get; private set; }

    /// <summary>When it was left, by <see cref="Environment.TickCount64"/>.</summary>
    internal long LeftAt { get; private set; }

    /// <summary>Until when it is kept at least, for who has a position of it; by the same clock.</summary>
    internal long KeptUntil { get; set; }

    /// <summary>Frees it after a while, where nobody uses it.</summary>
    internal Timer? Freeing { get; set; }

    /// <summary>Whether a user that is not the server's own has it watched: it uses it, or did so last, and the
    /// server's own user does not.</summary>
    internal bool IsChargedTo(uint user) => Users == 0
        ? LastUser == user
        : _users.ContainsKey(user) && !_users.ContainsKey(UnixSocket.OwnUserId);

    internal void Enter(uint user)
    {
        if (user == UnixSocket.OwnUserId)
        {
            // It is its own now, of whatever size.
            budget?.Lift();
        }

        Users++;
        Uses++;
        _users[user] = _users.GetValueOrDefault(user) + 1;
        Freeing?.Dispose();
        Freeing = null;
    }

    /// <summary>One use less.</summary>
    /// <returns>How many are left.</returns>
    internal int Exit(uint user)
    {
        if (--_users[user] == 0)
        {
            _ = _users.Remove(user);
        }

        LastUser = user;
        LeftAt = Environment.TickCount64;
        return --Users;
    }
}
