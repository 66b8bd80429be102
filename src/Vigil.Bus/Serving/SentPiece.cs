namespace Vigil.Bus.Serving;

/// <summary>A piece of memory that counts as long as anybody uses it. Thread-safe.</summary>
/// <param name="end">Called when nobody does.</param>
internal sealed class SentPiece(Action end) : IDisposable
{
    private int _users = 1;

    internal void AddUser() => Interlocked.Increment(ref _users);

    /// <summary>One user less.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            end();
        }
    }
}
