using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Bus.Serving;

/// <summary>
/// What each user that is not the server's own may take of it, and has taken. The server's own user is bounded as a
/// whole only: by what there may be at all. Thread-safe.
/// </summary>
internal sealed class UserShares(BusServerOptions options)
{
    // A part of its feeds may have threads.
    private const int FeedsAThread = 4;

    private int MostThreads => Math.Max(1, options.MaxFeedsPerForeignUser / FeedsAThread);

    private readonly Lock _gate = new();
    private readonly WatchBudget _own = new(long.MaxValue);
    private readonly Dictionary<uint, Share> _shares = [];

    /// <summary>The user as one that has a share; null for the server's own.</summary>
    internal static uint? ForeignOf(uint user) => user == UnixSocket.OwnUserId ? null : user;

    /// <summary>How many directories a user may have watched, together in all the trees that it is charged with; the
    /// server's own user as many as there are.</summary>
    internal WatchBudget DirectoriesOf(uint user)
    {
        if (ForeignOf(user) is null)
        {
            return _own;
        }

        lock (_gate)
        {
            return Find(user).Directories;
        }
    }

    /// <summary>How many directories a user has now.</summary>
    internal long CountDirectories(uint user)
    {
        lock (_gate)
        {
            return _shares.TryGetValue(user, out Share? share) ? share.Directories.Used : 0;
        }
    }

    /// <summary>How many feeds a user has now.</summary>
    internal int CountFeeds(uint user)
    {
        lock (_gate)
        {
            return _shares.TryGetValue(user, out Share? share) ? share.Feeds : 0;
        }
    }

    /// <summary>Takes one more feed.</summary>
    /// <param name="user">For whom; null for the server's own user, which may always.</param>
    /// <param name="withThread">Whether it has a thread.</param>
    internal bool TryTakeFeed(uint? user, bool withThread)
    {
        if (user is not { } foreign)
        {
            return true;
        }

        lock (_gate)
        {
            Share share = Find(foreign);
            if (share.Feeds >= options.MaxFeedsPerForeignUser
                || (withThread && share.Threads >= MostThreads))
            {
                return false;
            }

            share.Feeds++;
            share.Threads += withThread ? 1 : 0;
            return true;
        }
    }

    /// <summary>Takes a thread for a feed that has none.</summary>
    internal bool TryTakeThread(uint? user)
    {
        if (user is not { } foreign)
        {
            return true;
        }

        lock (_gate)
        {
            Share share = Find(foreign);
            if (share.Threads >= MostThreads)
            {
                return false;
            }

            share.Threads++;
            return true;
        }
    }

    /// <summary>Gives a feed back.</summary>
    internal void GiveFeed(uint? user, bool withThread)
    {
        if (user is not { } foreign)
        {
            return;
        }

        lock (_gate)
        {
            Share share = _shares[foreign];
            share.Feeds--;
            share.Threads -= withThread ? 1 : 0;
        }
    }

    private Share Find(uint user)
    {
        if (!_shares.TryGetValue(user, out Share? share))
        {
            // Of the kernel's watches, which are this user's, most are for itself.
            long watches = Limits.MaxUserWatches;
            long most = watches < 0
                ? options.MaxDirectoriesPerForeignUser
                : Math.Min(options.MaxDirectoriesPerForeignUser, watches / 4);
            share = new Share(new WatchBudget(most));
            _shares.Add(user, share);
        }

        return share;
    }

    private sealed class Share(WatchBudget directories)
    {
        internal WatchBudget Directories { get; } = directories;

        internal int Feeds { get; set; }

        internal int Threads { get; set; }
    }
}
