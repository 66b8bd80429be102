using Vigil.Watching;

namespace Vigil.Bus.Client;

/// <summary>
/// Reads from a server for as long as there is one, and then watches by itself: where there was none at the start, and
/// where one was lost and none came back in time. There it stays. One reader; syncs from any thread.
/// </summary>
internal sealed class FallbackReader(BusReader bus, string root, SubscribeOptions options, PendingSyncs syncs)
    : IChangeReader
{
    private readonly Lock _gate = new();
    private volatile IChangeReader _reader = bus;
    private bool _isDisposed;

    public ChangePosition Position => _reader.Position;

    public async ValueTask<bool> FillAsync(List<FileChange> changes, CancellationToken cancellation)
    {
        try
        {
            return await _reader.FillAsync(changes, cancellation).ConfigureAwait(false);
        }
        catch (BusException e) when (_reader == bus
            && e.Problem is BusProblem.NoServer or BusProblem.Ended or BusProblem.TimedOut)
        {
            await SwitchAsync(e).ConfigureAwait(false);
        }

        return await _reader.FillAsync(changes, cancellation).ConfigureAwait(false);
    }

    public void RequestSync(uint number) => _reader.RequestSync(number);

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        return _reader.DisposeAsync();
    }

    private async ValueTask SwitchAsync(BusException reason)
    {
        await bus.DisposeAsync().ConfigureAwait(false);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);

            // A sync that is asked for before this is under way when it begins to watch, and one after it comes to it.
            _reader = new LocalReader(root, options, syncs)
            {
                TakesOver = bus.HasBegun ? (bus.Sequence, reason.Message) : null,
            };
        }
    }
}
