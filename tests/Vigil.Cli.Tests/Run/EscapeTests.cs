using Vigil.Testing;

namespace Vigil.Cli.Tests.Run;

/// <summary>Processes that a look at the process table misses or takes for something else.</summary>
public sealed class EscapeTests : IDisposable
{
    private readonly RunProject _project = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void A_chain_of_processes_that_end_at_once_is_ended_too()
    {
        // Each starts the next and ends; the last one stays, and keeps the output open, which WaitForExit waits for.
        string chain = _project.Beside("chain");
        File.WriteAllText(
            chain,
            "#!/bin/sh\ntrap '' TERM\n[ $1 = 300 ] && : > ../begun\n"
            + "[ $1 -gt 0 ] && { $0 $(($1-1)) & exit; }\nsleep 90\n");
        File.SetUnixFileMode(chain, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        for (int i = 0; i < 20; i++)
        {
            using ChildProcess run = _project.Start("--kill-after", "20ms", "--", chain, "300");
            Eventually.True(() => File.Exists(_project.Beside("begun")), "the chain to begin");
            File.Delete(_project.Beside("begun"));
            _project.End(run);
        }
    }

    [Fact]
    public void A_process_whose_first_thread_has_ended_is_no_zombie()
    {
        const string Program = "import ctypes,os,signal,sys,threading,time; signal.signal(15, signal.SIG_IGN); "
            + "threading.Thread(target=lambda: (time.sleep(.1), open('../begun', 'w'), time.sleep(90))).start(); "
            + "ctypes.CDLL(None).syscall(60 if os.uname().machine == 'x86_64' else 93, 0)";
        using ChildProcess run = _project.Start("--kill-after", "20ms", "--", "python3", "-c", Program);
        Eventually.True(() => File.Exists(_project.Beside("begun")), "the thread to go on");
        _project.End(run);
        Assert.DoesNotContain(run.Errors.Lines, static line => line.Contains("do not end"));
    }

    [Fact]
    public void What_a_group_has_started_is_known_also_when_its_parent_has_ended()
    {
        _project.Write("daemon", "trap '' TERM; echo $$ >> ../log; while :; do sleep 0.02; done");
        _project.Write(
            "vigil.yaml",
            "killAfter: 100ms\nonBusy: restart\n"
            + "groups:\n"
            + "  a: {shell: sh, commands: ['setsid env -i sh daemon & wait']}\n"
            + "  b: {postpone: true, commands: ['true']}\n");
        using ChildProcess run = _project.Start();
        string first = _project.WaitForRuns(1)[0];
        _project.Write("a");
        _ = _project.WaitForRuns(2);
        Assert.False(Directory.Exists($"/proc/{first}"), "the first daemon lives beside the second");
        _project.End(run);
        Assert.DoesNotContain(run.Errors.Lines, static line => line.Contains("do not end"));
    }

    [Fact]
    public void A_child_that_was_there_before_is_left_alone()
    {
        using ChildProcess run = ChildProcess.Start(
            "sh",
            ["-c", $"sleep 90 >&- 2>&- & echo $! > ../id; exec '{PublishedBinary.Path}' run -r -- true"],
            _project.Root);
        _ = run.Errors.WaitForLine(static line => line.Contains("ok after"), "the run to end");
        _project.Write("a");
        _ = run.Errors.WaitForLine(static line => line.Contains("a created"), "the second run");
        int id = int.Parse(File.ReadAllText(_project.Beside("id")));
        run.Send(Signal.SIGINT);
        Assert.Equal(0, run.WaitForExit());
        Assert.Contains("sleep", File.ReadAllText($"/proc/{id}/cmdline"));
        _ = ChildProcess.Shell($"kill {id}");
    }
}
