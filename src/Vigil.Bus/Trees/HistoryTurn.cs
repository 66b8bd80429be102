namespace Vigil.Bus.Trees;

/// <summary>A turn at the history of a tree. Dispose it, at any time and more than once.</summary>
internal sealed class HistoryTurn(SemaphoreSlim turns) : IDisposable
{
    private int _isOver;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isOver, 1) == 0)
        {
            _ = turns.Release();
        }
    }
}
