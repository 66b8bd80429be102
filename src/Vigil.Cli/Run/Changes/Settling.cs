using System.Diagnostics;

namespace Vigil.Cli.Run.Changes;

/// <summary>
/// When the changes that wait may start a run: once the tree has been quiet for a moment. A single save of a file that
/// was there before needs hardly any; a file that is being written is given more; and somebody who never stops writing
/// does not hold the run back for ever. Not thread-safe.
/// </summary>
/// <param name="quiet">How long it has to be quiet.</param>
internal sealed class Settling(TimeSpan quiet)
{
    private const double SingleMs = 2;
    private const int OpenTimes = 5;
    private const int LongestTimes = 500;
    private long _first;
    private long _last;

    /// <summary>The changes that wait.</summary>
    public ChangeSet Changes { get; } = new();

    /// <summary>Notes that a change was taken in.</summary>
    /// <param name="now">A timestamp of <see cref="Stopwatch"/>.</param>
    public void Note(long now)
    {
        if (_first == 0)
        {
            _first = now;
        }

        _last = now;
    }

    /// <summary>Starts to wait for quiet anew.</summary>
    public void Clear()
    {
        Changes.Clear();
        _first = 0;
    }

    /// <summary>Lets changes wait again that no run has seen.</summary>
    /// <param name="changes">Which; of a path that has changed again meanwhile, the later change stays.</param>
    /// <param name="now">A timestamp of <see cref="Stopwatch"/>.</param>
    public void TakeBack(IReadOnlyList<RunChange> changes, long now)
    {
        foreach (RunChange change in changes)
        {
            Changes.AddUnknown(change);
            Note(now);
        }
    }

    /// <summary>How long until a run may start; null where nothing waits.</summary>
    /// <param name="now">A timestamp of <see cref="Stopwatch"/>.</param>
    public TimeSpan? Left(long now)
    {
        if (!Changes.HasTrigger)
        {
            return null;
        }

        TimeSpan needed = Changes.IsSingleSave
            ? TimeSpan.FromMilliseconds(Math.Min(SingleMs, quiet.TotalMilliseconds))
            : Changes.HasOpen ? quiet * OpenTimes : quiet;
        TimeSpan left = needed - Stopwatch.GetElapsedTime(_last, now);
        TimeSpan latest = (quiet * LongestTimes) - Stopwatch.GetElapsedTime(_first, now);
        left = left < latest ? left : latest;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
