namespace Vigil.Watching;

/// <summary>A tree has more directories than its watcher may have: <see cref="TreeWatcherOptions.Budget"/>.</summary>
public sealed class WatchBudgetException : IOException
{
    internal WatchBudgetException(long maxDirectories)
        : base($"there are more than the {maxDirectories} directories that may be watched")
    {
    }
}
