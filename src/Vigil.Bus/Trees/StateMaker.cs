using Vigil.Bus.Records;
using Vigil.Watching;

namespace Vigil.Bus.Trees;

/// <summary>
/// Makes states of a tree, one at a time. Who asks while another is made shares the next one with all who want the
/// same: where a server is lost, all subscribers come back at once. Thread-safe.
/// </summary>
/// <remarks>A state that is shared was begun after each of those who share it had asked: so it has in it all that was
/// told before, as one of their own would have.</remarks>
internal sealed class StateMaker(Func<TreeSnapshot> snapshot)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<FeedKey, SharedState> _next = [];
    private Task _last = Task.CompletedTask;

    /// <summary>How many were made.</summary>
    internal long Count { get; private set; }

    /// <summary>A state that is begun after this call.</summary>
    /// <param name="rules">What is wanted of it.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The state, which is made; the caller disposes it.</returns>
    internal async Task<SharedState> TakeAsync(SieveRules rules, CancellationToken cancellation)
    {
        // Kinds say nothing of what is there.
        FeedKey key = FeedKey.Of(rules with { Kinds = FileChangeKinds.All }, descriptors: null);
        SharedState? state;
        lock (_gate)
        {
            if (_next.TryGetValue(key, out state))
            {
                state.AddUser();
            }
            else
            {
                state = new SharedState();
                state.AddUser();
                _next.Add(key, state);
                SharedState made = state;
                _last = _last.ContinueWith(
                    _ => Make(key, made, rules),
                    CancellationToken.None,
                    TaskContinuationOptions.None,
                    TaskScheduler.Default);
            }
        }

        try
        {
            _ = await state.Made.WaitAsync(cancellation).ConfigureAwait(false);
            return state;
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    private void Make(FeedKey key, SharedState state, SieveRules rules)
    {
        lock (_gate)
        {
            _ = _next.Remove(key);
        }

        using (state)
        {
            if (state.IsUnused)
            {
                return;
            }

            try
            {
                Count++;
                state.Complete(CatchUp.FromState(snapshot(), rules));
            }
            catch (Exception e)
            {
                state.Fail(e);
            }
        }
    }
}
