using System.Diagnostics;
using Vigil.Cli.Run.Changes;
using Vigil.Cli.Run.Config;
using Vigil.Cli.Run.Processes;
using Vigil.Cli.Run.Settings;
using Vigil.Cli.Run.Terminals;
using Vigil.Platform.Linux;

namespace Vigil.Cli.Run;

/// <summary>
/// A whole <c>vigil run</c>: the groups, the terminal, the signals and the children, all on one thread, from the first
/// look at the tree until no process is left.
/// </summary>
internal sealed class RunSession : IDisposable
{
    private const int SignalBase = 128;
    private static readonly TimeSpan BackgroundLook = TimeSpan.FromMilliseconds(250);
    private readonly RunPlan _plan;
    private readonly RunLoop _loop = new();
    private readonly RunSignals _signals;
    private readonly ChangeFiles _files;
    private readonly RunTerminal? _terminal;
    private readonly RunScreen _screen;
    private readonly List<GroupRunner> _groups = [];

    // Who started vigil in its own place (exec) may have left it children.
    private readonly HashSet<int> _strangers = [.. Descendants.ChildrenNow()];
    private ConfigWatch? _config;
    private RunPlan? _next;
    private int _endsSeen;
    private bool _wasInBackground;
    private bool _isQuitting;
    private bool _hasFailed;
    private bool _isPaused;
    private bool _isStatusDue = true;

    public RunSession(RunPlan plan)
    {
        _plan = plan;
        _signals = new RunSignals(_loop);

        // After the signals, lest one that comes now leaves the directory behind.
        _files = new ChangeFiles();
        _terminal = plan.Groups.All(static group => group.Interactive == TerminalUse.Always) && plan.IsOnce
            ? null
            : RunTerminal.TryOpen(_loop);
        _screen = new RunScreen(plan, _terminal);
        for (int i = 0; i < plan.Groups.Count; i++)
        {
            _groups.Add(new GroupRunner(plan.Groups[i], plan, i, _loop, _screen, _terminal, _files, _strangers));
        }
    }

    /// <summary>What to go on with, where vigil.yaml became another one; null where it was to end.</summary>
    public RunPlan? Next => _signals.Ends == 0 ? _next : null;

    /// <summary>Runs until the end.</summary>
    /// <returns>The exit status.</returns>
    /// <exception cref="VigilException">A path cannot be watched.</exception>
    public int Run()
    {
        ChildProcesses.AdoptOrphans();
        if (!StartWatching())
        {
            return StoppedStatus;
        }

        _terminal?.Listen();
        while (!_groups.TrueForAll(static group => group.IsOver))
        {
            TakeSignals();
            TakeChildren();
            TakeForeground();
            TakeKeys();
            long now = Stopwatch.GetTimestamp();
            TimeSpan left = _wasInBackground ? BackgroundLook : Timeout.InfiniteTimeSpan;
            foreach (GroupRunner group in _groups)
            {
                left = Sooner(left, group.Step(now));
            }

            left = Sooner(left, StepConfig(now));
            if (!TakeEvents() && !_groups.TrueForAll(static group => group.IsOver))
            {
                ShowStatus();
                _loop.Wait(left);
            }
        }

        EndStrays();
        return ExitStatusNow();
    }

    public void Dispose()
    {
        Talk.EraseProgress();
        _groups.ForEach(static group => group.Dispose());
        _ = _config?.StopAsync().AsTask();
        _terminal?.Dispose();
        _files.Dispose();
        _signals.Dispose();
        _loop.Dispose();
    }

    private int StoppedStatus =>
        _plan.IsOnce || _plan.EndsOnChange ? SignalBase + _signals.EndSignal : ExitStatus.Success;

    private bool StartWatching()
    {
        using CancellationTokenSource cancellation = new();
        Task watching = Task.WhenAll(
            _groups.Select(group => group.WatchAsync(cancellation.Token)).Append(WatchConfigAsync(cancellation.Token)));
        _ = watching.ContinueWith(
            (_, loop) => ((RunLoop)loop!).Wake(), _loop, TaskContinuationOptions.ExecuteSynchronously);
        while (!watching.IsCompleted && _signals.Ends == 0)
        {
            _loop.Wait(Timeout.InfiniteTimeSpan);
        }

        if (!watching.IsCompleted)
        {
            cancellation.Cancel();
            return false;
        }

        watching.GetAwaiter().GetResult();
        return true;
    }

    private async Task WatchConfigAsync(CancellationToken cancellationToken)
    {
        if (_plan is { Source: { } source, IsOnce: false, EndsOnChange: false })
        {
            _config = await ConfigWatch.StartAsync(source, _loop, cancellationToken).ConfigureAwait(false);
        }
    }

    private TimeSpan StepConfig(long now)
    {
        TimeSpan left = Timeout.InfiniteTimeSpan;
        if (_isQuitting || _config?.HasChanged(now, out left) != true)
        {
            return left;
        }

        try
        {
            _next = _plan.Source!.Read();
            _screen.Say($"{_plan.Source.Path} has changed: everything begins anew");
            Quit();
        }
        catch (Exception e) when (e is UsageException or VigilException)
        {
            Talk.Error($"{e.Message}; going on as before");
        }

        return TimeSpan.Zero;
    }

    private void TakeSignals()
    {
        for (; _endsSeen < _signals.Ends; _endsSeen++)
        {
            Quit();
        }

        if (_signals.TakeStop())
        {
            Suspend();
        }

        if (_signals.TakeContinue())
        {
            ComeBack();
        }
    }

    // After fg in a shell.
    private void TakeForeground()
    {
        bool isInBackground = _terminal is { IsInBackground: true };
        if (_wasInBackground && !isInBackground)
        {
            ComeBack();
        }

        _wasInBackground = isInBackground;
    }

    private void ComeBack()
    {
        _terminal?.Listen();
        _groups.ForEach(static group => group.RetryTerminal());
        _isStatusDue = true;
    }

    private void TakeChildren()
    {
        while (ChildProcesses.TryTake(out ChildReport report))
        {
            if (report.State != ChildState.Stopped)
            {
                _strangers.Remove(report.ProcessId);
            }

            foreach (GroupRunner group in _groups)
            {
                if (group.Take(report))
                {
                    _isStatusDue = true;
                    break;
                }
            }
        }
    }

    private void TakeKeys()
    {
        foreach (char key in _terminal?.ReadKeys() ?? string.Empty)
        {
            switch (char.ToLowerInvariant(key))
            {
                case 'r' or ' ':
                    _groups.ForEach(static group => group.Want("asked for"));
                    break;
                case 'p':
                    _isPaused = !_isPaused;
                    _groups.ForEach(group => group.IsPaused = _isPaused);
                    _screen.Say(_isPaused ? "paused" : "goes on");
                    break;
                case 'q':
                    _next = null;
                    Quit();
                    break;
                case '?' or 'h':
                    RunScreen.ShowHelp();
                    break;
                case '\n' or '\r':
                    Talk.Plain("\n");
                    break;
                default:
                    continue;
            }

            _isStatusDue = true;
        }
    }

    // Whether something happened that another round has to take up.
    private bool TakeEvents()
    {
        bool isAny = false;
        foreach (GroupRunner group in _groups)
        {
            if (!_isQuitting && (group.HasSecondRun || group.WasInterrupted || group.IsWatchOver))
            {
                if (group.IsWatchOver)
                {
                    Talk.Error(group.WatchEnd);
                    _hasFailed = true;
                }

                Quit();
                isAny = true;
            }

            if (group.WasSuspended)
            {
                group.WasSuspended = false;
                Suspend();
                isAny = true;
            }
        }

        return isAny;
    }

    private void Quit()
    {
        if (!_isQuitting)
        {
            _isQuitting = true;
            Talk.EraseProgress();
        }

        _groups.ForEach(static group => group.Quit());
    }

    // As a shell would with its jobs: everything stops, and goes on when vigil does.
    private void Suspend()
    {
        int owner = _terminal?.Owner ?? 0;
        Talk.EraseProgress();
        _groups.ForEach(static group => group.Suspend(isStop: true));
        _terminal?.TakeBack();
        _terminal?.Rest();
        ProcessGroup.StopSelf();
        _groups.ForEach(static group => group.Suspend(isStop: false));
        if (owner == 0 || _terminal?.TryGive(owner) != true)
        {
            _terminal?.Listen();
        }

        _isStatusDue = true;
    }

    private void ShowStatus()
    {
        if (_isStatusDue && !_isQuitting && _terminal?.Owner is null or 0 && _groups.TrueForAll(static g => !g.IsBusy))
        {
            _isStatusDue = false;
            _screen.ShowStatus(_isPaused);
        }
    }

    // What belongs to no group any more, because it dropped both its process group and its environment.
    private void EndStrays()
    {
        Descendants strays = new(_groups.Count, isOnly: true, _strangers);
        if (_plan.IsOnce && !_isQuitting)
        {
            // What a finished run leaves in the background is meant to stay, as with a shell.
            return;
        }

        foreach (int one in _groups.SelectMany(static group => group.ProcessGroups))
        {
            strays.Note(one);
        }

        TimeSpan grace = _plan.Groups.SelectMany(static group => group.Commands).Max(static one => one.KillAfter);
        using TreeStop stop = new(strays, _loop, SignalNumber.SIGTERM, grace);
        while (!stop.IsOver)
        {
            _loop.Wait(stop.Left);
            for (; _endsSeen < _signals.Ends; _endsSeen++)
            {
                stop.Kill();
            }

            while (ChildProcesses.TryTake(out _))
            {
                // Only so that none stays a zombie.
            }

            stop.Step();
        }
    }

    private int ExitStatusNow()
    {
        if (_hasFailed)
        {
            return ExitStatus.Error;
        }

        bool tellsStatus = _plan.IsOnce || _plan.EndsOnChange;
        if (_signals.Ends > 0 || !tellsStatus)
        {
            return StoppedStatus;
        }

        return _groups.Select(static group => group.Status).FirstOrDefault(static status => status != 0);
    }

    private static TimeSpan Sooner(TimeSpan a, TimeSpan b) =>
        a == Timeout.InfiniteTimeSpan ? b : b == Timeout.InfiniteTimeSpan || a < b ? a : b;
}
