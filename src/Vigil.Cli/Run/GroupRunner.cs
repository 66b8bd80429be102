using System.Diagnostics;
using Vigil.Cli.Run.Changes;
using Vigil.Cli.Run.Processes;
using Vigil.Cli.Run.Settings;
using Vigil.Cli.Run.Terminals;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Cli.Run;

/// <summary>
/// One group: what it watches, and the run that its changes start. All of it happens on the thread of the loop, which
/// calls <see cref="Step"/> whenever something may have changed.
/// </summary>
internal sealed partial class GroupRunner : IDisposable
{
    private readonly RunPlan _run;
    private readonly RunLoop _loop;
    private readonly RunScreen _screen;
    private readonly RunTerminal? _terminal;
    private readonly Settling _settling;
    private readonly ChangeFilter _filter;
    private readonly ContentHashes? _hashes;
    private readonly LoopGuard? _guard;
    private readonly Descendants _descendants;
    private readonly Launcher _launcher;
    private ChangeFeed? _feed;
    private RunPhase _phase;
    private TreeStop? _stop;
    private IReadOnlyList<RunChange> _told = [];
    private string? _wanted;
    private bool _isQuitting;
    private int _leader;
    private int _index;
    private int _runs;
    private int _status;
    private int _signal;
    private long _started;
    private long _ended;

    public GroupRunner(
        GroupPlan plan,
        RunPlan run,
        int number,
        RunLoop loop,
        RunScreen screen,
        RunTerminal? terminal,
        ChangeFiles files,
        IReadOnlySet<int> strangers)
    {
        Plan = plan;
        _run = run;
        _loop = loop;
        _screen = screen;
        _terminal = terminal;
        _settling = new Settling(plan.Settle);
        _filter = new ChangeFilter(plan, files.Folder, run.Source?.Path);
        _hashes = plan.ComparesContent ? new ContentHashes() : null;
        _guard = plan.HasLoopGuard ? new LoopGuard(mayEnd: plan.OnBusy.Mode != BusyMode.Restart) : null;
        _descendants = new Descendants(number, isOnly: run.Groups.Count == 1, strangers);
        _launcher = new Launcher(plan, number, files, _descendants);
        _wanted = plan.IsPostponed ? null : "start";
    }

    public GroupPlan Plan { get; }

    /// <summary>Whether nothing more will happen.</summary>
    public bool IsOver => _phase == RunPhase.Over;

    /// <summary>Whether it runs something, or is about to.</summary>
    public bool IsBusy => _phase is not (RunPhase.Idle or RunPhase.Over);

    /// <summary>Whether a run would begin that ends everything (<c>--exit-on-change</c>).</summary>
    public bool HasSecondRun { get; private set; }

    /// <summary>Whether a command with the terminal was ended by Ctrl-C.</summary>
    public bool WasInterrupted { get; private set; }

    /// <summary>Whether a command with the terminal was stopped by Ctrl-Z.</summary>
    public bool WasSuspended { get; set; }

    /// <summary>Whether every watched path is gone.</summary>
    public bool IsWatchOver => _feed is { IsOver: true };

    /// <summary>Why the watching is over, for a person.</summary>
    public string WatchEnd => _feed?.Failure ?? "every watched path is gone";

    /// <summary>The status of the last run.</summary>
    public int Status => _status;

    /// <summary>Whether no run starts for the time being.</summary>
    public bool IsPaused { get; set; }

    private bool IsRunning => _phase is RunPhase.Running or RunPhase.Ending or RunPhase.Stopping;

    /// <summary>The process groups of its commands.</summary>
    public IReadOnlyCollection<int> ProcessGroups => _descendants.Groups;

    /// <summary>Starts to watch, before the first run, so that no change is missed.</summary>
    /// <exception cref="VigilException">A path cannot be watched.</exception>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        _feed = await ChangeFeed.StartAsync(Plan, _loop, cancellationToken).ConfigureAwait(false);
        _hashes?.Learn(_feed.Snapshot());
    }

    /// <summary>Asks for a run, whatever changed.</summary>
    public void Want(string cause) => _wanted ??= cause;

    /// <summary>Ends what runs, and starts nothing any more.</summary>
    public void Quit()
    {
        if (IsOver)
        {
            return;
        }

        if (!_isQuitting)
        {
            _isQuitting = true;
            BeginStop();
        }
        else
        {
            _stop?.Kill();
        }
    }

    /// <summary>Does what is due.</summary>
    /// <param name="now">A timestamp of <see cref="Stopwatch"/>.</param>
    /// <returns>How long until something is due again, if nothing happens before.</returns>
    public TimeSpan Step(long now)
    {
        TakeChanges(now);
        TimeSpan left = Timeout.InfiniteTimeSpan;
        for (RunPhase before = (RunPhase)(-1); before != _phase;)
        {
            before = _phase;
            left = _phase switch
            {
                RunPhase.Idle => StepIdle(now),
                RunPhase.Starting => StepStarting(now),
                RunPhase.Running => StepRunning(now),
                RunPhase.Ending => StepEnding(now),
                RunPhase.Stopping => StepStopping(),
                _ => Timeout.InfiniteTimeSpan,
            };
        }

        return left;
    }

    public void Dispose()
    {
        _stop?.Dispose();
        if (_feed is not null)
        {
            // Its thread ends with the process; nobody reads it any more.
            _ = _feed.StopAsync().AsTask();
        }
    }

    private TimeSpan StepIdle(long now)
    {
        if (_isQuitting)
        {
            _phase = RunPhase.Over;
            return Timeout.InfiniteTimeSpan;
        }

        if (_wanted is not null)
        {
            _phase = RunPhase.Starting;
            _feed!.BeginSync();
            return Timeout.InfiniteTimeSpan;
        }

        TimeSpan left = LeftUntilDue(now, _ended);
        if (left == TimeSpan.Zero)
        {
            _phase = RunPhase.Starting;
            _feed!.BeginSync();
        }

        return left;
    }

    private TimeSpan StepStarting(long now)
    {
        if (!_feed!.IsSynced)
        {
            return Timeout.InfiniteTimeSpan;
        }

        TakeChanges(now);
        _phase = RunPhase.Idle;
        if (_isQuitting || (_wanted is null && (LeftUntilDue(now, _ended) != TimeSpan.Zero || !HasRealChange())))
        {
            return StepIdle(now);
        }

        if (_run.EndsOnChange && _runs > 0 && _wanted is null)
        {
            HasSecondRun = true;
        }
        else if (Plan.OnBusy.Mode == BusyMode.Restart && _runs > 0)
        {
            // What an earlier run has left behind, such as a server in the background.
            BeginStop();
        }
        else
        {
            Begin();
        }

        return Timeout.InfiniteTimeSpan;
    }

    private TimeSpan StepRunning(long now)
    {
        bool restarts = Plan.OnBusy.Mode == BusyMode.Restart || _run.EndsOnChange;
        if (_wanted is not null && restarts)
        {
            BeginStop();
            return Timeout.InfiniteTimeSpan;
        }

        if (!restarts && Plan.OnBusy.Mode != BusyMode.Signal)
        {
            return Timeout.InfiniteTimeSpan;
        }

        TimeSpan left = LeftUntilDue(now, _started);
        if (left != TimeSpan.Zero || !HasRealChange())
        {
            return left == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : left;
        }

        if (_run.EndsOnChange)
        {
            HasSecondRun = true;
        }
        else if (restarts)
        {
            _guard?.NoteRun(_settling.Changes, isOver: false);
            TellLoop();
            BeginStop();
        }
        else
        {
            SendChanges(now);
        }

        return Timeout.InfiniteTimeSpan;
    }

    private TimeSpan StepEnding(long now)
    {
        if (!_feed!.IsSynced)
        {
            return Timeout.InfiniteTimeSpan;
        }

        TakeChanges(now);

        // Told only now: what changes after this word is no work of the run.
        _screen.End(Plan, _result);
        _guard?.NoteRun(_settling.Changes, isOver: true);
        TellLoop();
        _settling.TakeBack(_unanswered, now);
        _unanswered.Clear();
        _ended = now;
        _phase = _run.IsOnce ? RunPhase.Over : RunPhase.Idle;
        return Timeout.InfiniteTimeSpan;
    }

    private TimeSpan StepStopping()
    {
        _stop!.Step();
        if (!_stop.IsOver)
        {
            return _stop.Left;
        }

        _stop.Dispose();
        _stop = null;
        GiveTerminalBack();
        if (_isQuitting)
        {
            _phase = RunPhase.Over;
        }
        else
        {
            Begin();
        }

        return Timeout.InfiniteTimeSpan;
    }

    private void BeginStop()
    {
        CommandPlan command = Plan.Commands[Math.Min(_index, Plan.Commands.Count - 1)];
        _stop?.Dispose();
        _stop = new TreeStop(_descendants, _loop, command.StopSignal, command.KillAfter);
        _phase = RunPhase.Stopping;
    }

    private TimeSpan LeftUntilDue(long now, long lastRun)
    {
        if (IsPaused || _settling.Left(now) is not { } left)
        {
            return Timeout.InfiniteTimeSpan;
        }

        if (_guard is { IsSuspicious: true })
        {
            TimeSpan pause = LoopGuard.Pause - Stopwatch.GetElapsedTime(lastRun, now);
            return pause > left ? pause : left;
        }

        return left;
    }

    // With --content, what was written again with the same bytes is none.
    private bool HasRealChange()
    {
        if (_hashes is not null)
        {
            _settling.Changes.RemoveWhere(change => !IsOther(change));
        }

        if (_settling.Changes.HasTrigger)
        {
            return true;
        }

        if (_settling.Changes.Count == 0)
        {
            _settling.Clear();
        }

        return false;
    }

    private bool IsOther(RunChange change)
    {
        if (!change.IsCompared)
        {
            change.IsCompared = true;
            change.IsOther |= !_hashes!.IsNoChange(change);
        }

        return change.IsOther;
    }

    private void TakeChanges(long now)
    {
        while (_feed is { } feed && feed.TryRead(out FileChange change))
        {
            if (change.Kind >= FileChangeKind.Ready)
            {
                TellNotice(change);
            }
            else if (_filter.Takes(change))
            {
                Take(change, now);
            }
        }
    }

    private void Take(in FileChange change, long now)
    {
        RunChange? before = _settling.Changes.Find(change);
        bool wasForeign = before is { IsDuringRun: false };
        bool wasLoud = before is { IsSilent: false };
        bool wasOther = before is { IsOther: true };
        _settling.Note(now);
        if (_settling.Changes.Add(change, _filter.CountsClosed) is not { } result)
        {
            return;
        }

        bool isHeld = _guard?.IsHeld(result.Path, IsRunning) ?? false;
        result.IsDuringRun = IsRunning && !wasForeign;
        result.IsSilent = !wasLoud && (isHeld || (IsRunning && Plan.OnBusy.Mode == BusyMode.Ignore));
        result.IsCompared = false;
        result.IsOther = wasOther;
        if (!IsRunning)
        {
            _guard?.NoteForeign(result.Path);
        }
    }
}
