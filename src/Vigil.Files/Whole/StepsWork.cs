using Vigil.IO.Operations;

namespace Vigil.IO.Whole;

/// <summary>Several steps that one thread of the pool does in a row.</summary>
internal sealed class StepsWork<TState, T>(
    Func<Carrier, TState, ValueTask<T>> steps, TState state, InlineCarrier carrier)
    : TaskCompletionSource<T>, IThreadPoolWorkItem
{
    /// <inheritdoc/>
    public void Execute()
    {
        // With this carrier every step is over when it returns, and so is the last of them.
        ValueTask<T> whole = steps(carrier, state);
        if (whole.IsCompletedSuccessfully)
        {
            SetResult(whole.Result);
        }
        else
        {
            SetFromTask(whole.AsTask());
        }
    }
}
