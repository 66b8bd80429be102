using Vigil.Watching;

namespace Vigil.Bus.Tests;

/// <summary>Reads a subscription in this process, and keeps what it tells.</summary>
internal sealed class ToldChanges : IAsyncDisposable
{
    private readonly List<FileChange> _changes = [];
    private readonly CancellationTokenSource _end = new();
    private readonly Task _reading;

    internal ToldChanges(BusSubscription subscription) => _reading = Task.Run(async () =>
    {
        await foreach (FileChange change in subscription.WithCancellation(_end.Token))
        {
            change.Handle?.Dispose();
            lock (_changes)
            {
                _changes.Add(change);
            }
        }
    });

    internal FileChange[] Changes
    {
        get
        {
            lock (_changes)
            {
                return [.. _changes];
            }
        }
    }

    internal FileChangeKind[] Kinds => [.. Changes.Select(change => change.Kind)];

    /// <summary>Kinds and paths.</summary>
    internal string[] Lines => [.. Changes.Select(change => $"{change.Kind} {change.Path}".TrimEnd())];

    internal Task WaitForAsync(FileChangeKind kind) => WaitForAsync(change => change.Kind == kind);

    /// <summary>Waits until something was told; an end of the subscription fails the test.</summary>
    internal async Task WaitForAsync(Predicate<FileChange> isIt)
    {
        await Eventually.TrueAsync(
            () => _reading.IsCompleted || Array.Exists(Changes, isIt), "a change", TimeSpan.FromSeconds(60));
        if (!Array.Exists(Changes, isIt))
        {
            await _reading;
            Assert.Fail($"it ended: {string.Join(", ", Lines)}");
        }
    }

    /// <summary>Waits for the end, and throws what it ended with.</summary>
    internal async Task EndAsync()
    {
        await Eventually.TrueAsync(() => _reading.IsCompleted, "the end of a subscription", TimeSpan.FromSeconds(60));
        await _reading;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        try
        {
            await _reading;
        }
        catch (Exception e) when (e is OperationCanceledException or BusException)
        {
            // It was told to who waited for it.
        }
    }
}
