using Vigil.Bus.Records;
using Vigil.Bus.Serving;
using Vigil.Watching;

namespace Vigil.Bus.Trees;

/// <summary>
/// Makes states of a tree, one at a time for a user. Who asks while another is made shares the next one with all of its
/// user who want the same: where a server is lost, all subscribers come back at once. Thread-safe.
/// </summary>
/// <remarks>A state that is shared was begun after each of those who share it had asked: so it has in it all that was
/// told before, as one of their own would have.</remarks>
internal sealed class StateMaker(Func<TreeSnapshot> snapshot, SentMemory sent)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<FeedKey, SharedState> _next = [];
    private readonly Dictionary<uint, Task> _last = [];

    /// <summary>How many were made.</summary>
    internal long Count { get; private set; }

    /// <summary>A state that is begun after this call.</summary>
    /// <param name="rules">What is wanted of it.</param>
    /// <param name="user">For whom.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The state, which is made; the caller disposes it.</returns>
    /// <exception cref="BusException">Too much waits already for this user (TooMany).</exception>
    internal async Task<SharedState> TakeAsync(SieveRules rules, uint user, CancellationToken cancellation)
    {
        // Kinds say nothing of what is there.
        FeedKey key = FeedKey.Of(rules with { Kinds = FileChangeKinds.All }, descriptors: null, user);
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
                Task last = _last.GetValueOrDefault(user, Task.CompletedTask);
                _last[user] = Task.Run(() => MakeAsync(last, key, made, rules, user), CancellationToken.None);
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

    private async Task MakeAsync(Task last, FeedKey key, SharedState state, SieveRules rules, uint user)
    {
        await last.ConfigureAwait(false);
        try
        {
            await sent.WaitForRoomAsync(user, CancellationToken.None).ConfigureAwait(false);
        }
        catch (BusException e)
        {
            lock (_gate)
            {
                _ = _next.Remove(key);
            }

            state.Fail(e);
            state.Dispose();
            return;
        }

        Make(key, state, rules, user);
    }

    private void Make(FeedKey key, SharedState state, SieveRules rules, uint user)
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
                lock (_gate)
                {
                    Count++;
                }

                CatchUp made = CatchUp.FromState(snapshot(), rules);
                state.Complete(made, sent.Begin(user, made.LengthBytes));
            }
            catch (Exception e)
            {
                state.Fail(e);
            }
        }
    }
}
