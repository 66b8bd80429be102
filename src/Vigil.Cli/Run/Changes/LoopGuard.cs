namespace Vigil.Cli.Run.Changes;

/// <summary>
/// Finds commands that start themselves by what they write. Nothing tells who wrote a file, so this is careful: after
/// three runs that were followed by nothing but changes during the run, it is said, and the next run waits for a
/// second. A file that changes in that second, while nothing runs, is written by somebody else. One that changed in
/// every run since the first, and in the one after the second as well, is the command's own: changes of it during a
/// run start none from then on. They are still told to the next run. Not thread-safe.
/// </summary>
/// <param name="mayEnd">Whether runs may be held back at all: a server is changed while it runs by everybody.</param>
internal sealed class LoopGuard(bool mayEnd)
{
    private const int RunsUntilSaid = 3;
    private readonly HashSet<string> _held = new(StringComparer.Ordinal);
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);
    private HashSet<string>? _everyRun;
    private HashSet<string> _common = new(StringComparer.Ordinal);
    private int _streak;

    /// <summary>How long a run waits that is suspected to be the command's own work.</summary>
    public static TimeSpan Pause { get; } = TimeSpan.FromSeconds(1);

    /// <summary>The path that a person has to be told of, once.</summary>
    public string? Suspect { get; private set; }

    /// <summary>The path whose changes during a run count no more, to be told once.</summary>
    public string? Ended { get; private set; }

    /// <summary>Whether the next run has to wait.</summary>
    public bool IsSuspicious => _streak >= RunsUntilSaid;

    /// <summary>Takes what was to be told.</summary>
    public void Told()
    {
        Suspect = null;
        Ended = null;
    }

    /// <summary>Whether a change of a path starts no run.</summary>
    public bool IsHeld(string path, bool isDuringRun) => isDuringRun && _held.Contains(path);

    /// <summary>A path changed while nothing ran: somebody else did that.</summary>
    public void NoteForeign(string path)
    {
        if (_common.Contains(path))
        {
            _streak = 0;
            _everyRun?.Remove(path);
        }
    }

    /// <summary>Notes the end of a run.</summary>
    /// <param name="changes">What has changed since it began, and starts the next one.</param>
    /// <param name="isOver">Whether it is over; a server that is stopped for the next run is not.</param>
    public void NoteRun(ChangeSet changes, bool isOver)
    {
        HashSet<string> own = [.. changes.All.Where(static c => c.IsDuringRun).Select(static c => c.Path)];
        bool hasOther = changes.All.Any(static change => !change.IsDuringRun);
        if (_everyRun is null)
        {
            _everyRun = own;
        }
        else
        {
            _everyRun.IntersectWith(own);
        }

        if (own.Count == 0 || hasOther)
        {
            _streak = 0;
            return;
        }

        bool goesOn = _streak > 0 && _common.Overlaps(own);
        if (goesOn)
        {
            _common.IntersectWith(own);
        }
        else
        {
            _common = own;
        }

        _streak = goesOn ? _streak + 1 : 1;
        if (_streak < RunsUntilSaid)
        {
            return;
        }

        string path = _common.Order(StringComparer.Ordinal).First();
        if (_streak == RunsUntilSaid)
        {
            Suspect = _said.Add(path) ? path : null;
        }
        else if (mayEnd && isOver && _common.IsSubsetOf(_everyRun))
        {
            Ended = path;
            _held.UnionWith(own);
            _streak = 0;

            // From this run on: the next is told of them, and not started by them.
            foreach (RunChange change in changes.All)
            {
                change.IsSilent |= own.Contains(change.Path);
            }
        }
    }
}
