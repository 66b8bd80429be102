using Vigil.Watching;

namespace Vigil.Bus.Client;

/// <summary>Where the changes of a subscription come from. One reader; syncs from any thread.</summary>
internal interface IChangeReader : IAsyncDisposable
{
    /// <summary>The position after all that it got.</summary>
    public ChangePosition Position { get; }

    /// <summary>Gets the next changes, waiting for one at least.</summary>
    /// <param name="changes">Where they go.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>False where there will be none.</returns>
    public ValueTask<bool> FillAsync(List<FileChange> changes, CancellationToken cancellation);

    /// <summary>Asks for the word that everything before now was told.</summary>
    public void RequestSync(uint number);
}
