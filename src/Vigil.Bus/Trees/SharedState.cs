using Vigil.Bus.Serving;

namespace Vigil.Bus.Trees;

/// <summary>
/// The state of a tree that several subscribers share: one piece of memory, given back by the last of them.
/// Thread-safe.
/// </summary>
internal sealed class SharedState : IDisposable
{
    private readonly TaskCompletionSource<CatchUp> _made = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _users = 1;

    /// <summary>Ends when it is made.</summary>
    internal Task<CatchUp> Made => _made.Task;

    /// <summary>Whether nobody is left but who makes it.</summary>
    internal bool IsUnused => Volatile.Read(ref _users) <= 1;

    internal void AddUser() => Interlocked.Increment(ref _users);

    /// <summary>Its memory, as it is counted; null where it has none.</summary>
    internal SentPiece? Piece { get; private set; }

    internal void Complete(CatchUp state, SentPiece piece)
    {
        Piece = piece;
        _made.SetResult(state);
    }

    internal void Fail(Exception reason) => _made.SetException(reason);

    /// <summary>One user less.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) == 0 && _made.Task.IsCompletedSuccessfully)
        {
            _made.Task.Result.Dispose();
            Piece!.Dispose();
        }
    }
}
