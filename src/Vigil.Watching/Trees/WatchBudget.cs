namespace Vigil.Watching;

/// <summary>How many directories some watchers may have together. Thread-safe.</summary>
public sealed class WatchBudget
{
    private readonly Lock _gate;
    private WatchBudget? _whole;
    private long _used;

    /// <summary>A budget.</summary>
    /// <param name="maxDirectories">How many directories there may be.</param>
    public WatchBudget(long maxDirectories)
    {
        _gate = new Lock();
        MaxDirectories = maxDirectories;
    }

    private WatchBudget(WatchBudget whole)
    {
        _gate = whole._gate;
        _whole = whole;
        MaxDirectories = whole.MaxDirectories;
    }

    /// <summary>How many directories there may be.</summary>
    public long MaxDirectories { get; }

    /// <summary>How many there are.</summary>
    public long Used
    {
        get
        {
            lock (_gate)
            {
                return _used;
            }
        }
    }

    /// <summary>A part for one watcher: what it has counts here, too.</summary>
    /// <returns>The part.</returns>
    public WatchBudget Share() => new(this);

    /// <summary>Of a part: what its watcher has is counted no more, and it may have as many as there are.</summary>
    public void Lift()
    {
        lock (_gate)
        {
            if (_whole is not null)
            {
                _whole._used -= _used;
                _whole = null;
            }

            IsLifted = true;
        }
    }

    private bool IsLifted { get; set; }

    /// <summary>Counts directories that came or went.</summary>
    /// <returns>Whether there may be as many.</returns>
    internal bool Count(long directories)
    {
        lock (_gate)
        {
            _used += directories;
            if (_whole is not null)
            {
                _whole._used += directories;
            }

            return IsLifted || (_whole ?? this)._used <= MaxDirectories;
        }
    }
}
