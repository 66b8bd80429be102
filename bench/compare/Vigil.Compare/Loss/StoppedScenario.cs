using Vigil.Compare.Tools;

namespace Vigil.Compare.Loss;

/// <summary>
/// W5: the tool is stopped with SIGSTOP while more files are made than the kernel's queue holds, then goes on.
/// </summary>
internal sealed class StoppedScenario : Scenario
{
    public override string Key => "W5";

    public override void Act(LossSession session)
    {
        int queue = int.Parse(File.ReadAllText("/proc/sys/fs/inotify/max_queued_events"));
        int count = Math.Max(20_000, queue + queue / 5);
        int mark = session.Mark;
        session.Running.Signal(Libc.SIGSTOP);
        try
        {
            WaitUntilStopped(session.Running.ProcessId);
            RunWriter(session, "files", count);
        }
        finally
        {
            session.Running.Signal(Libc.SIGCONT);
        }

        session.Settle();
        List<string> files = [.. Enumerable.Range(0, count).Select(number => $"{session.Watched}/f{number:D7}")];
        session.MeasureMentioned("made while the tool was stopped: files reported", mark, files);
        bool told = session.WasToldOfLoss(out string? text);
        session.Measure("was the user told of the overflow?", LossGoal.Told, told ? 1 : 0, 1, text);
    }

    /// <summary>A signal is asynchronous: every thread has to be in state T (stopped), proc(5).</summary>
    private static void WaitUntilStopped(int processId)
    {
        DateTime bound = DateTime.UtcNow.AddSeconds(10);
        while (Directory.EnumerateDirectories($"/proc/{processId}/task").Any(task => State(task) != 'T'))
        {
            if (DateTime.UtcNow > bound)
            {
                throw new TimeoutException("the tool did not stop on SIGSTOP");
            }

            Thread.Sleep(1);
        }
    }

    private static char State(string task)
    {
        string stat = File.ReadAllText($"{task}/stat");
        return stat[stat.LastIndexOf(')') + 2];
    }
}
