using Vigil.Platform.Linux;

namespace Vigil.Bus.Serving;

/// <summary>
/// Asks where roots really are, each on a thread of its own: it may be on a file system that does not answer, and no
/// thread that waits for one can be ended. So none is given back by who asked, who may be gone at once, but by its own
/// end; and a user has no more than a few of them. Thread-safe.
/// </summary>
/// <param name="guard">Who answers.</param>
/// <param name="patience">How long a user that has as many is waited for.</param>
internal sealed class RootQuestions(RootGuard guard, TimeSpan patience)
{
    private const int MostOfOwnUser = 64;
    private const int MostOfForeignUser = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<uint, SemaphoreSlim> _places = [];

    /// <summary>Where a root really is.</summary>
    /// <param name="root">What the peer named.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="cancellation">Ends the wait; the thread goes on until it has its answer.</param>
    /// <returns>As of <see cref="RootGuard.Resolve(byte[], in PeerCredentials)"/>.</returns>
    /// <exception cref="BusException">It may not be watched, or is not there; or too many questions of this user wait
    /// for too long (TooMany).</exception>
    internal async Task<ResolvedRoot> ResolveAsync(byte[] root, PeerCredentials peer, CancellationToken cancellation)
    {
        SemaphoreSlim places = PlacesOf(peer.UserId);
        if (!await places.WaitAsync(patience, cancellation).ConfigureAwait(false))
        {
            throw new BusException(
                BusProblem.TooMany,
                $"{MostOf(peer.UserId)} questions of user {peer.UserId} wait for file systems that do not answer, and "
                + "no more may");
        }

        Task<ResolvedRoot> asked;
        try
        {
            asked = Task.Factory.StartNew(
                () =>
                {
                    try
                    {
                        return guard.Resolve(root, peer);
                    }
                    finally
                    {
                        _ = places.Release();
                    }
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
        }
        catch
        {
            // There is no thread for it.
            _ = places.Release();
            throw;
        }

        return await asked.WaitAsync(cancellation).ConfigureAwait(false);
    }

    private static int MostOf(uint user) =>
        UserShares.ForeignOf(user) is null ? MostOfOwnUser : MostOfForeignUser;

    private SemaphoreSlim PlacesOf(uint user)
    {
        lock (_gate)
        {
            if (!_places.TryGetValue(user, out SemaphoreSlim? places))
            {
                places = new SemaphoreSlim(MostOf(user));
                _places.Add(user, places);
            }

            return places;
        }
    }
}
