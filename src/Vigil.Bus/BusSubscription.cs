using Vigil.Bus.Client;
using Vigil.Watching;

namespace Vigil.Bus;

/// <summary>
/// The changes of a tree, from a server or, where the client may, from a watcher of its own. To be read once, by one
/// reader; <see cref="SyncAsync"/> may be called by any thread at any time.
/// </summary>
/// <remarks>
/// <para>
/// <see cref="FileChangeKind.Ready"/> comes first. What is lost on the way is made up for:
/// <see cref="FileChangeKind.Overflowed"/> says that the server did not wait for this reader any longer, or is gone;
/// then come the changes that were missed, or <see cref="FileChangeKind.Fresh"/> and all that is there; and then
/// <see cref="FileChangeKind.Rescanned"/>.
/// </para>
/// <para>
/// It ends after <see cref="FileChangeKind.Gone"/> of the root. A root that is a directory is gone when that very
/// directory is no longer there: removed, moved away, unmounted, or replaced by another. Of a root that is a file the
/// name counts: it may be deleted and created, as editors save, and is gone once it was away for a while (half a second
/// to two). Where something that is no file takes its name, it is gone if the server has a larger tree around it
/// watched, else the name is watched on. Leaving the loop ends the subscription.
/// </para>
/// <para>
/// With <see cref="BusClientOptions.AllowLocal"/> it may go on without a server: then
/// <see cref="FileChangeKind.Fresh"/> says so, and positions are none from there on.
/// </para>
/// </remarks>
/// <example><code>
/// await foreach (FileChange change in bus.SubscribeAsync("/srv/data", new() { Since = saved }))
///     saved = change.Position;
/// </code></example>
public sealed class BusSubscription : IAsyncEnumerable<FileChange>
{
    private readonly PendingSyncs _syncs;
    private readonly IChangeReader _reader;
    private readonly CancellationToken _cancellation;
    private readonly Lock _gate = new();
    private ChangePosition _position;
    private int _isRead;

    internal BusSubscription(IChangeReader reader, PendingSyncs syncs, CancellationToken cancellation)
    {
        _reader = reader;
        _syncs = syncs;
        _cancellation = cancellation;
    }

    /// <summary>
    /// The position after every change that the reader has dealt with: those before the one that it was handed last,
    /// and that one, too, once it has asked for the next. None before the first, and without a server. It may be beyond
    /// <see cref="FileChange.Position"/> of all of them, where what came since was not for this subscription.
    /// </summary>
    public ChangePosition Position
    {
        get
        {
            lock (_gate)
            {
                return _position;
            }
        }
    }

    /// <summary>
    /// Waits until everything that happened in the tree before this call was handed to the reader, and the reader has
    /// asked for what comes next. Nothing is written into the tree for it. It waits for as long as nobody reads.
    /// </summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>A task that ends then.</returns>
    /// <exception cref="BusException">The subscription ended before.</exception>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public async Task SyncAsync(CancellationToken cancellation = default)
    {
        Task answered = _syncs.Add(out uint begun);
        if (begun != 0)
        {
            try
            {
                _reader.RequestSync(begun);
            }
            catch (BusException)
            {
                // The server is gone, or reads nothing. It is asked again when the subscription is back.
            }
        }

        await answered.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Begins to read.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The changes; to be disposed, as foreach does.</returns>
    /// <exception cref="InvalidOperationException">It was read before.</exception>
    public IAsyncEnumerator<FileChange> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        Interlocked.Exchange(ref _isRead, 1) == 0
            ? ReadAsync(cancellationToken)
            : throw new InvalidOperationException("A subscription is read once; subscribe again.");

    private void MoveTo(ChangePosition position)
    {
        lock (_gate)
        {
            _position = position;
        }
    }

    private async IAsyncEnumerator<FileChange> ReadAsync(CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _cancellation);
        var changes = new List<FileChange>();
        int next = 0;
        try
        {
            while (true)
            {
                changes.Clear();
                next = 0;
                MoveTo(_reader.Position);
                _syncs.CompleteAnswered();
                if (!await _reader.FillAsync(changes, linked.Token).ConfigureAwait(false))
                {
                    yield break;
                }

                while (next < changes.Count)
                {
                    FileChange change = changes[next++];
                    yield return change;
                    MoveTo(change.Position);
                }
            }
        }
        finally
        {
            foreach (FileChange unread in changes.Skip(next))
            {
                unread.Handle?.Dispose();
            }

            await _reader.DisposeAsync().ConfigureAwait(false);
            _syncs.End(new BusException(BusProblem.Ended, "the subscription has ended"));
        }
    }
}
