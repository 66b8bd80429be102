using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace Vigil.Compare.Tools;

/// <summary>A tool whose output is a pipe; a dedicated thread reads it and notes when each line came.</summary>
internal sealed class ToolToPipe : RunningTool
{
    private static readonly TimeSpan ReadyBound = TimeSpan.FromSeconds(120);

    private readonly BlockingCollection<(long At, string Line)> _lines = [];
    private readonly Thread[] _readers;

    private ToolToPipe(Tool tool, string watched, WorkArea area, ProcessStartInfo start)
        : base(tool, watched, area, start)
    {
        Process.StandardInput.Close();
        _readers =
        [
            StartReader(Process.StandardOutput.BaseStream, "output"),
            StartReader(Process.StandardError.BaseStream, "talk"),
        ];
    }

    /// <summary>From just before the process was made until its ready sign was read.</summary>
    public TimeSpan TimeToReady { get; private set; }

    /// <summary>The line that said "ready", for the counts that some tools give in it.</summary>
    public string ReadyLine { get; private set; } = "";

    public static ToolToPipe Start(Tool tool, string watched, WorkArea area)
    {
        ProcessStartInfo start = new(tool.Program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in tool.Arguments(Purpose.Prompt, watched))
        {
            start.ArgumentList.Add(argument);
        }

        ToolToPipe running = new(tool, watched, area, start);
        try
        {
            running.WaitUntilReady();
        }
        catch
        {
            running.Dispose();
            throw;
        }

        return running;
    }

    /// <summary>Forgets the lines that came so far.</summary>
    public void Discard()
    {
        while (_lines.TryTake(out _))
        {
        }
    }

    /// <summary>When the first line came that the condition holds for; null where none came in time.</summary>
    public long? WaitFor(Func<Observation, bool> condition, TimeSpan bound)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (waited.Elapsed < bound)
        {
            TimeSpan left = bound - waited.Elapsed;
            if (_lines.TryTake(out (long At, string Line) next, Math.Max(1, (int)left.TotalMilliseconds))
                && Tool.TryParse(next.Line, Watched, out Observation observation) && condition(observation))
            {
                return next.At;
            }
        }

        return null;
    }

    protected override void DisposeOutput()
    {
        foreach (Thread reader in _readers)
        {
            reader.Join();
        }

        _lines.Dispose();
    }

    private void WaitUntilReady()
    {
        Stopwatch waited = Stopwatch.StartNew();
        List<string> said = [];
        while (waited.Elapsed < ReadyBound)
        {
            bool ended = Process.HasExited;
            if (_lines.TryTake(out (long At, string Line) next, 100))
            {
                if (Tool.IsReady(next.Line))
                {
                    TimeToReady = Stopwatch.GetElapsedTime(StartedAt, next.At);
                    ReadyLine = next.Line;
                    return;
                }

                said.Add(next.Line);
            }
            else if (ended)
            {
                throw new InvalidOperationException(
                    $"{Tool.Title} ended with {Process.ExitCode} before it was ready: {string.Join(' ', said)}");
            }
        }

        throw new TimeoutException($"{Tool.Title} was not ready within {ReadyBound.TotalSeconds:0} s");
    }

    private Thread StartReader(Stream stream, string what)
    {
        Thread thread = new(() => ReadLines(stream)) { IsBackground = true, Name = $"{Tool.Key} {what}" };
        thread.Start();
        return thread;
    }

    private void ReadLines(Stream stream)
    {
        byte[] chunk = new byte[64 * 1024];
        MemoryStream rest = new();
        int length;
        while ((length = stream.Read(chunk)) > 0)
        {
            long now = Stopwatch.GetTimestamp();
            int start = 0;
            int end;
            while ((end = Array.IndexOf(chunk, (byte)'\n', start, length - start)) >= 0)
            {
                rest.Write(chunk, start, end - start);
                start = end + 1;
                _lines.Add((now, Encoding.UTF8.GetString(rest.GetBuffer(), 0, (int)rest.Length)));
                rest.SetLength(0);
            }

            rest.Write(chunk, start, length - start);
        }
    }
}
