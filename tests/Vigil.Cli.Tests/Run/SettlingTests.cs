using System.Diagnostics;
using Vigil.Cli.Run.Changes;
using Vigil.Watching;

namespace Vigil.Cli.Tests.Run;

/// <summary>When changes may start a run, without a clock; and when a command is said to start itself.</summary>
public sealed class SettlingTests
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(10);
    private readonly Settling _settling = new(Quiet);

    [Fact]
    public void Nothing_is_due_without_changes() => Assert.Null(_settling.Left(Ms(0)));

    [Fact]
    public void A_single_save_of_a_known_file_hardly_waits()
    {
        Add("f", FileChangeKind.Modified, isOpen: false, Ms(100));
        Assert.Equal(2, _settling.Left(Ms(100))!.Value.TotalMilliseconds, 0.01);
        Assert.Equal(TimeSpan.Zero, _settling.Left(Ms(102)));
    }

    [Fact]
    public void A_new_file_and_two_files_wait_for_quiet()
    {
        Add("f", FileChangeKind.Created, isOpen: false, Ms(100));
        Assert.Equal(10, _settling.Left(Ms(100))!.Value.TotalMilliseconds, 0.01);
        Add("g", FileChangeKind.Modified, isOpen: false, Ms(105));
        Assert.Equal(8, _settling.Left(Ms(107))!.Value.TotalMilliseconds, 0.01);
    }

    [Fact]
    public void A_file_that_is_being_written_has_more_time()
    {
        Add("f", FileChangeKind.Modified, isOpen: true, Ms(100));
        Assert.Equal(50, _settling.Left(Ms(100))!.Value.TotalMilliseconds, 0.01);
    }

    [Fact]
    public void Who_never_stops_does_not_hold_it_back_for_ever()
    {
        for (int i = 0; i < 5001; i++)
        {
            Add("f", FileChangeKind.Created, isOpen: false, Ms(100 + i));
        }

        Assert.Equal(TimeSpan.Zero, _settling.Left(Ms(100 + 5001)));
    }

    [Fact]
    public void Three_runs_with_their_own_changes_alone_are_told_and_the_fourth_is_the_last()
    {
        LoopGuard guard = new(mayEnd: true);
        for (int i = 1; i <= 2; i++)
        {
            guard.NoteRun(Own("out"), isOver: true);
            Assert.False(guard.IsSuspicious);
        }

        guard.NoteRun(Own("out"), isOver: true);
        Assert.True(guard.IsSuspicious);
        Assert.Equal("out", guard.Suspect);
        guard.Told();
        guard.NoteRun(Own("out"), isOver: true);
        Assert.Equal("out", guard.Ended);
        Assert.True(guard.IsHeld("out", isDuringRun: true));
        Assert.False(guard.IsHeld("out", isDuringRun: false));
    }

    [Fact]
    public void What_changes_while_nothing_runs_is_somebody_elses()
    {
        LoopGuard guard = new(mayEnd: true);
        for (int i = 0; i < 3; i++)
        {
            guard.NoteRun(Own("f"), isOver: true);
        }

        guard.NoteForeign("f");
        Assert.False(guard.IsSuspicious);
        for (int i = 0; i < 10; i++)
        {
            guard.NoteRun(Own("f"), isOver: true);
            Assert.Null(guard.Ended);
        }
    }

    [Fact]
    public void What_did_not_change_in_every_run_is_never_held()
    {
        LoopGuard guard = new(mayEnd: true);
        guard.NoteRun(new ChangeSet(), isOver: true);
        for (int i = 0; i < 10; i++)
        {
            guard.NoteRun(Own("f"), isOver: true);
            Assert.Null(guard.Ended);
        }
    }

    private static ChangeSet Own(string name)
    {
        ChangeSet set = new();
        set.Add(FileChangeKind.Modified, name, "", EntryType.File, default)!.IsDuringRun = true;
        return set;
    }

    private static long Ms(double ms) => (long)(ms * Stopwatch.Frequency / 1000);

    private void Add(string name, FileChangeKind kind, bool isOpen, long now)
    {
        _settling.Note(now);
        _settling.Changes.Add(kind, name, "", EntryType.File, default)!.IsOpen = isOpen;
    }
}
