namespace Vigil.Watching;

/// <summary>How many directories some watchers may have together. Thread-safe.</summary>
public sealed class WatchBudget
{
    // One for all: what is counted may move from one whole to another.
    private static readonly Lock Gate = new();

    private readonly long _most;
    private WatchBudget? _whole;
    private long _used;

    /// <summary>A budget.</summary>
    /// <param name="maxDirectories">How many directories there may be.</param>
    public WatchBudget(long maxDirectories) => _most = maxDirectories;

    private WatchBudget(WatchBudget whole) => _whole = whole;

    /// <summary>How many directories there may be; of a part, those of the whole that it is of now.</summary>
    public long MaxDirectories
    {
        get
        {
            lock (Gate)
            {
                return (_whole ?? this)._most;
            }
        }
    }

    /// <summary>How many there are.</summary>
    public long Used
    {
        get
        {
            lock (Gate)
            {
                return _used;
            }
        }
    }

    /// <summary>A part for one watcher: what it has counts here, too.</summary>
    /// <returns>The part.</returns>
    /// <exception cref="InvalidOperationException">This is a part itself.</exception>
    public WatchBudget Share() => _whole is null
        ? new WatchBudget(this)
        : throw new InvalidOperationException("a part of a budget has no parts");

    /// <summary>Of a part: what its watcher has, and will have, counts in another whole from now on.</summary>
    /// <param name="whole">The other whole.</param>
    /// <returns>Whether there is room for it; if not, all stays as it was.</returns>
    /// <exception cref="InvalidOperationException">This is no part, or the other is one.</exception>
    public bool TryMoveTo(WatchBudget whole)
    {
        ArgumentNullException.ThrowIfNull(whole);
        lock (Gate)
        {
            if (_whole is null || whole._whole is not null)
            {
                throw new InvalidOperationException("only a part of a budget can be moved, and only to a whole one");
            }

            if (whole == _whole)
            {
                return true;
            }

            if (whole._used + _used > whole._most)
            {
                return false;
            }

            _whole._used -= _used;
            whole._used += _used;
            _whole = whole;
            return true;
        }
    }

    /// <summary>Counts directories that came or went.</summary>
    /// <returns>Whether there may be as many.</returns>
    internal bool Count(long directories)
    {
        lock (Gate)
        {
            _used += directories;
            if (_whole is not null)
            {
                _whole._used += directories;
            }

            WatchBudget whole = _whole ?? this;
            return whole._used <= whole._most;
        }
    }
}
