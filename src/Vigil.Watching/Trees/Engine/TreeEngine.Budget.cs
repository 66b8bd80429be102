namespace Vigil.Watching;

/// <content>How many directories there may be.</content>
internal sealed partial class TreeEngine
{
    private int _counted;

    // Before each listing: so a tree that is too large is left before it has been scanned.
    private void CountDirectories()
    {
        int more = _mirror.DirectoryCount - _counted;
        if (more == 0 || _options.Budget is not { } budget)
        {
            return;
        }

        _counted += more;
        if (!budget.Count(more) && more > 0)
        {
            throw new WatchBudgetException(budget.MaxDirectories);
        }
    }
}
