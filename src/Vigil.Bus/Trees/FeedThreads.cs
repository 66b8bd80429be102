using Vigil.Bus.Serving;

namespace Vigil.Bus.Trees;

/// <summary>
/// The feeds of a tree that there may be, and their threads. Threads count until they have ended: also those of feeds
/// that are no more and wait for a file system that does not answer. Thread-safe.
/// </summary>
internal sealed class FeedThreads(UserShares shares)
{
    // Each costs a ring, and a look at every record.
    private const int MostFeeds = 128;
    private const int MostThreads = 32;

    private readonly Lock _gate = new();
    private int _feeds;
    private int _threads;

    /// <summary>Takes a place for a feed, to be given back by <see cref="EndFeed"/>. Half of the places are for the
    /// server's own user.</summary>
    internal bool TryTakeFeed(uint? foreign, bool withThread)
    {
        lock (_gate)
        {
            int part = foreign is null ? 1 : 2;
            if (_feeds >= MostFeeds / part
                || (withThread && _threads >= MostThreads / part)
                || !shares.TryTakeFeed(foreign, withThread))
            {
                return false;
            }

            _feeds++;
            _threads += withThread ? 1 : 0;
            return true;
        }
    }

    /// <summary>Takes a thread for a feed that has none.</summary>
    internal bool TryTake(uint? foreign)
    {
        lock (_gate)
        {
            if (_threads >= MostThreads / (foreign is null ? 1 : 2) || !shares.TryTakeThread(foreign))
            {
                return false;
            }

            _threads++;
            return true;
        }
    }

    /// <summary>A feed has ended, its thread included.</summary>
    internal void EndFeed(uint? foreign, bool withThread)
    {
        lock (_gate)
        {
            _feeds--;
            _threads -= withThread ? 1 : 0;
        }

        shares.GiveFeed(foreign, withThread);
    }
}
