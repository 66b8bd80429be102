using System.Diagnostics;
using System.Globalization;
using System.Text;
using Vigil.Cli.Printing;
using Vigil.Cli.Run.Changes;
using Vigil.Cli.Run.Processes;
using Vigil.Cli.Run.Settings;
using Vigil.Platform;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Cli.Run;

/// <content>The commands of a run, one after the other, and what is told about it.</content>
internal sealed partial class GroupRunner
{
    // 128 and SIGINT, as a shell has it.
    private const int InterruptedStatus = 130;

    // Nothing tells whether a command has taken a signal up that it was sent just before it ended, or ended of.
    private static readonly TimeSpan SignalGrace = TimeSpan.FromSeconds(1);
    private readonly List<RunChange> _signalled = [];
    private readonly List<RunChange> _unanswered = [];
    private long _signalledAt;
    private bool _wantsTerminal;
    private RunResult _result;

    /// <summary>Takes what became of a child.</summary>
    /// <returns>Whether it is the command of this group that runs.</returns>
    public bool Take(ChildReport report)
    {
        if (report.ProcessId != _leader)
        {
            return false;
        }

        if (report.State == ChildState.Stopped)
        {
            TakeStopped(report.Value);
            return true;
        }

        bool hadTerminal = _terminal?.Owner == _leader;
        _leader = 0;
        _status = RunResult.StatusOf(report);
        _signal = report.State == ChildState.Killed ? report.Value : 0;
        if (_phase != RunPhase.Running)
        {
            // It is being stopped; what else it started may go on for a while, and has the terminal until then.
            return true;
        }

        GiveTerminalBack();
        if (hadTerminal && _status == InterruptedStatus)
        {
            // Ctrl-C went to the command alone.
            WasInterrupted = true;
        }

        EndCommand();
        return true;
    }

    /// <summary>Stops what runs, as Ctrl-Z does, or lets it go on.</summary>
    public void Suspend(bool isStop)
    {
        if (_leader != 0)
        {
            _ = ProcessGroup.Send(_leader, isStop ? SignalNumber.SIGSTOP : SignalNumber.SIGCONT);
        }
    }

    /// <summary>Gives the terminal to a command that waits for it, where vigil has it again.</summary>
    public void RetryTerminal()
    {
        if (_wantsTerminal && _leader != 0)
        {
            TakeStopped(SignalNumber.SIGTTIN);
        }
    }

    private void Begin()
    {
        if (_hashes is not null)
        {
            // Also where it runs whatever changed: the next change is compared with what this run has seen.
            _settling.Changes.RemoveWhere(change => !IsOther(change));
        }

        List<RunChange> changes = _settling.Changes.InOrder();
        string cause = changes.Count > 0 ? Cause(changes) : _wanted ?? "start";
        _settling.Clear();
        _told = changes;
        _wanted = null;
        _runs++;
        _index = 0;
        _status = 0;
        _signal = 0;
        _started = Stopwatch.GetTimestamp();
        _phase = RunPhase.Running;
        _screen.Begin(Plan, cause, Plan.Commands[0]);
        StartCommand();
    }

    private void SendChanges(long now)
    {
        List<RunChange> changes = _settling.Changes.InOrder();
        _launcher.Tell(changes);
        _screen.Say($"{Cause(changes)}: {SignalNumber.Name(Plan.OnBusy.Signal)} sent");
        _settling.Clear();
        if (Stopwatch.GetElapsedTime(_signalledAt, now) > SignalGrace)
        {
            _signalled.Clear();
        }

        _signalled.AddRange(changes);
        _signalledAt = now;
        _ = ProcessGroup.Send(_leader, Plan.OnBusy.Signal);
    }

    private void StartCommand()
    {
        CommandPlan command = Plan.Commands[_index];
        _wantsTerminal = false;
        _leader = _launcher.Start(command, _told, Plan.Interactive == TerminalUse.Never, out int status);
        if (_leader == 0)
        {
            _status = status;
            EndCommand();
        }
        else if (Plan.Interactive == TerminalUse.Always)
        {
            _ = _terminal?.TryGive(_leader);
        }
    }

    private void EndCommand()
    {
        if (Stopwatch.GetElapsedTime(_signalledAt) <= SignalGrace)
        {
            _unanswered.AddRange(_signalled);
        }

        _signalled.Clear();
        bool isLast = _index == Plan.Commands.Count - 1 || (_status != 0 && Plan.Commands[_index].IsFatalIfError);
        if (!isLast && !WasInterrupted)
        {
            if (_status != 0)
            {
                RunResult one = new(_status, _signal, Stopwatch.GetElapsedTime(_started));
                _screen.Say($"{Plan.Commands[_index].Text}: {one}; going on");
            }

            _index++;
            StartCommand();
            return;
        }

        if (_status != 0 && _index < Plan.Commands.Count - 1)
        {
            _screen.Say($"{Plan.Commands[_index].Text} failed; the rest is skipped");
        }

        _result = new RunResult(_status, _signal, Stopwatch.GetElapsedTime(_started));
        _phase = RunPhase.Ending;
        _feed!.BeginSync();
    }

    private void TakeStopped(int signal)
    {
        bool wantsTerminal = signal is SignalNumber.SIGTTIN or SignalNumber.SIGTTOU;
        if (wantsTerminal && _terminal is not null && Plan.Interactive != TerminalUse.Never)
        {
            _wantsTerminal = !_terminal.TryGive(_leader);
            if (_wantsTerminal)
            {
                _screen.Say("the command waits for the terminal; bring vigil to the foreground (fg)");
            }
            else
            {
                _ = ProcessGroup.Send(_leader, SignalNumber.SIGCONT);
            }
        }
        else if (_terminal?.Owner == _leader && signal == SignalNumber.SIGTSTP)
        {
            WasSuspended = true;
        }
    }

    private void GiveTerminalBack()
    {
        if (_terminal is { Owner: not 0 })
        {
            _terminal.TakeBack();
        }
    }

    private void TellLoop()
    {
        if (_guard?.Suspect is { } suspect)
        {
            string path = RelativePath.OfCurrent(suspect);
            Talk.Error($"{path} was changed in each of the last 3 runs, and nothing else: if the command writes it, "
                + $"leave it out with --exclude '{Pattern(suspect)}'");
        }

        if (_guard?.Ended is { } ended)
        {
            Talk.Error($"{RelativePath.OfCurrent(ended)} is written by the command itself: what changes in it during a "
                + "run starts no other (--no-loop-guard if it should)");
        }

        _guard?.Told();
    }

    // Relative to the watched directory, and only there.
    private string Pattern(string path) =>
        "/" + RelativePath.Of(path, Plan.Watch.Select(static one => CurrentDirectory.Lexical(one)).OfType<string>());

    private void TellNotice(in FileChange change)
    {
        if (change.Kind == FileChangeKind.Ready && change.Notice is { } notice)
        {
            string name = Plan.Name.Length > 0 ? $"[{Plan.Name}] " : string.Empty;
            _screen.Say(name + Watch.ReadyText.Of(notice, Plan.Watch.Count));
        }
        else if (change.Kind is FileChangeKind.Degraded or FileChangeKind.Gone or FileChangeKind.Overflowed)
        {
            string kind = Encoding.UTF8.GetString(KindNames.Of(change.Kind));
            string path = RelativePath.OfCurrent(PathText.FromBytes(change.PathBytes));
            Talk.Error($"{kind} {path}: {change.Notice?.Reason}");
        }
    }

    private static string Cause(List<RunChange> changes)
    {
        RunChange first = changes[^1];
        string kind = Encoding.UTF8.GetString(KindNames.Of(first.Kind));
        string more = changes.Count > 1
            ? string.Create(CultureInfo.InvariantCulture, $" and {changes.Count - 1} more")
            : string.Empty;
        return $"{RelativePath.OfCurrent(first.Path)} {kind}{more}";
    }
}
