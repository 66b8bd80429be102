using Vigil.Bus.Serving;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Bus.Trees;

/// <summary>A tree in the table, and who uses it. Under the table's gate.</summary>
/// <param name="tree">The tree.</param>
/// <param name="budget">What its directories count in.</param>
/// <param name="shares">What users may take.</param>
/// <param name="user">Whose share that budget is a part of.</param>
internal sealed class TableEntry(WatchedTree tree, WatchBudget budget, UserShares shares, uint user)
{
    // How often each has it, and how often for its own root.
    private readonly Dictionary<uint, (int All, int Whole)> _users = [];
    private uint _charged = user;

    internal WatchedTree Tree { get; } = tree;

    /// <summary>How many use it.</summary>
    internal int Users { get; private set; }

    /// <summary>Whether somebody uses it for its own root, not for one inside.</summary>
    internal bool IsWanted => _users.Values.Any(entry => entry.Whole > 0);

    /// <summary>How often it was left, so that it was to be freed.</summary>
    internal long Leavings { get; set; }

    /// <summary>The user that left it last.</summary>
    internal uint LastUser { get; private set; }

    /// <summary>When it was left, by <see cref="Environment.TickCount64"/>.</summary>
    internal long LeftAt { get; private set; }

    /// <summary>Until when it is kept at least, for who has a position of it; by the same clock.</summary>
    internal long KeptUntil { get; set; }

    /// <summary>Frees it after a while, where nobody is left who pays for it.</summary>
    internal Timer? Freeing { get; set; }

    /// <summary>Whether a user that is not the server's own has it watched: it uses it, or did so last, and the
    /// server's own user does not.</summary>
    internal bool IsChargedTo(uint user) => Users == 0
        ? LastUser == user
        : _users.ContainsKey(user) && !_users.ContainsKey(UnixSocket.OwnUserId);

    /// <summary>Whether the server's own user uses it.</summary>
    internal bool IsOwn => _users.ContainsKey(UnixSocket.OwnUserId);

    /// <summary>Whether nobody is left who pays for its directories: it is kept for a while, and then freed.</summary>
    internal bool IsLeft => !_users.ContainsKey(_charged);

    /// <summary>One use more.</summary>
    /// <returns>Whether there is room for its directories, where they are this user's from now on.</returns>
    internal bool TryEnter(uint user, string root)
    {
        // The server's own user pays for all that it uses, and may have it of whatever size.
        if ((Users == 0 || user == UnixSocket.OwnUserId) && !TryCharge(user))
        {
            return false;
        }

        Users++;
        (int all, int whole) = _users.GetValueOrDefault(user);
        _users[user] = (all + 1, whole + WholeOf(root));
        _ = TrySettle();
        return true;
    }

    /// <summary>One use less.</summary>
    internal void Exit(uint user, string root)
    {
        (int all, int whole) = _users[user];
        if (all == 1)
        {
            _ = _users.Remove(user);
        }
        else
        {
            _users[user] = (all - 1, whole - WholeOf(root));
        }

        LastUser = user;
        LeftAt = Environment.TickCount64;
        Users--;
    }

    /// <summary>Charges its directories to somebody who uses it, where who was charged has left: to one who asked for
    /// all of it. Who asked for a part pays for no more than that.</summary>
    /// <returns>Whether there is such a one, and has room.</returns>
    internal bool TrySettle()
    {
        bool isSettled = !IsLeft || _users.Any(entry => entry.Value.Whole > 0 && TryCharge(entry.Key));
        if (isSettled)
        {
            Freeing?.Dispose();
            Freeing = null;
        }

        return isSettled;
    }

    private bool TryCharge(uint user)
    {
        if (!budget.TryMoveTo(shares.DirectoriesOf(user)))
        {
            return false;
        }

        _charged = user;
        return true;
    }

    private int WholeOf(string root) => root == Tree.Root ? 1 : 0;
}
