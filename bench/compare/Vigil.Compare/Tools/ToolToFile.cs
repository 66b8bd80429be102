using System.Diagnostics;

namespace Vigil.Compare.Tools;

/// <summary>A tool whose output goes to a file, so that reading it neither delays nor wakes the tool.</summary>
internal sealed class ToolToFile : RunningTool
{
    private static readonly TimeSpan ReadyBound = TimeSpan.FromSeconds(60);

    private readonly LineTail _output;
    private readonly LineTail _talk;

    private ToolToFile(Tool tool, string watched, WorkArea area, string log, ProcessStartInfo start)
        : base(tool, watched, area, start)
    {
        OutputFile = log + ".out";
        _output = new LineTail(OutputFile);
        _talk = new LineTail(log + ".err");
    }

    public string OutputFile { get; }

    /// <summary>
    /// What was read of the output so far, in order. Standard error counts only where it tells of a loss.
    /// </summary>
    public List<Observation> Observations { get; } = [];

    public static ToolToFile Start(Tool tool, Purpose purpose, string watched, string logFolder, WorkArea area)
    {
        string log = Path.Combine(logFolder, tool.Key);
        ProcessStartInfo start = new("/bin/sh");
        // The shell becomes the tool (exec), so the process id is the tool's own.
        foreach (string word in (string[])["-c", "exec \"$@\" </dev/null >\"$0.out\" 2>\"$0.err\"", log, tool.Program])
        {
            start.ArgumentList.Add(word);
        }

        foreach (string argument in tool.Arguments(purpose, watched))
        {
            start.ArgumentList.Add(argument);
        }

        ToolToFile running = new(tool, watched, area, log, start);
        try
        {
            running.WaitUntilReady(log);
        }
        catch
        {
            running.Dispose();
            throw;
        }

        return running;
    }

    /// <summary>Reads on, and tells how many lines were new.</summary>
    public int Pump()
    {
        int lines = 0;
        foreach (string line in _output.ReadNew())
        {
            lines++;
            if (Tool.TryParse(line, Watched, out Observation observation))
            {
                Observations.Add(observation);
            }
        }

        foreach (string line in _talk.ReadNew())
        {
            lines++;
            if (line.Contains("overflow", StringComparison.OrdinalIgnoreCase))
            {
                Observations.Add(new Observation(ObservedKind.Overflowed, "", Text: line));
            }
        }

        return lines;
    }

    protected override void DisposeOutput()
    {
        _output.Dispose();
        _talk.Dispose();
    }

    private void WaitUntilReady(string log)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (waited.Elapsed < ReadyBound)
        {
            bool ended = Process.HasExited;
            if (_output.ReadNew().Count(Tool.IsReady) + _talk.ReadNew().Count(Tool.IsReady) > 0)
            {
                return;
            }

            if (ended)
            {
                string said = File.ReadAllText(log + ".err").Trim();
                throw new InvalidOperationException(
                    $"{Tool.Title} ended with {Process.ExitCode} before it was ready: {said}");
            }

            Thread.Sleep(5);
        }

        throw new TimeoutException($"{Tool.Title} was not ready within {ReadyBound.TotalSeconds:0} s");
    }
}
