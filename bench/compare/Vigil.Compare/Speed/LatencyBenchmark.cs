using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Vigil.Compare.Report;
using Vigil.Compare.Tools;

namespace Vigil.Compare.Speed;

/// <summary>
/// (d) From just before the writing call to the moment at which a thread of its own has read the line from the pipe.
/// One write at a time, a few milliseconds apart, each waited for.
/// </summary>
internal sealed class LatencyBenchmark(Settings settings, WorkArea area, SpeedResults results)
{
    private const int Rounds = 5;
    private const int WritesARound = 200;
    private const int WarmUps = 20;
    private const int AppendedFiles = 16;

    private static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(2);

    public void Run(ToolSet tools)
    {
        foreach (string parent in settings.Parents)
        {
            string fileSystem = Machine.FileSystemOf(parent);
            Dictionary<(string Tool, string Pattern), (List<double> Times, int Unanswered)> all = [];
            for (int round = 1; round <= Rounds; round++)
            {
                foreach (Tool tool in tools.For(Purpose.Prompt))
                {
                    Console.Error.WriteLine($"speed (d) on {fileSystem}: {tool.Title}, {round} of {Rounds}");
                    RunRound(parent, tool, all);
                }
            }

            results.Latency.AddRange(all.Select(entry => new LatencySample(
                entry.Key.Tool, fileSystem, entry.Key.Pattern, entry.Value.Unanswered, entry.Value.Times)));
        }
    }

    private void RunRound(
        string parent, Tool tool, Dictionary<(string Tool, string Pattern), (List<double> Times, int Unanswered)> all)
    {
        string folder = area.NewFolder(parent, "latency");
        try
        {
            string[] appended =
                [.. Enumerable.Range(0, AppendedFiles).Select(number => Path.Combine(folder, $"appended{number}"))];
            SafeFileHandle[] handles = [.. appended.Select(
                path => File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite))];
            try
            {
                using ToolToPipe running = ToolToPipe.Start(tool, folder, area);

                // Several files in turn, so that a second line about one write cannot pass for the answer to the next.
                Add("append", Measure(running, ObservedKind.Modified, number =>
                    (appended[number % AppendedFiles], () => Append(handles[number % AppendedFiles], number))));
                Add("create", Measure(running, ObservedKind.Created, number =>
                {
                    string path = Path.Combine(folder, $"created{number}");
                    return (path, () => File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write).Dispose());
                }));
            }
            finally
            {
                Array.ForEach(handles, handle => handle.Dispose());
            }
        }
        catch (Exception error) when (error is InvalidOperationException or TimeoutException)
        {
            results.Failures.Add($"(d) {tool.Title}: {error.Message}");
            Console.Error.WriteLine($"  failed: {error.Message}");
        }
        finally
        {
            area.RemoveFolder(folder);
        }

        void Add(string pattern, (List<double> Times, int Unanswered) round)
        {
            (List<double> times, int unanswered) = all.GetValueOrDefault((tool.Key, pattern), ([], 0));
            times.AddRange(round.Times);
            all[(tool.Key, pattern)] = (times, unanswered + round.Unanswered);
        }
    }

    private static void Append(SafeFileHandle handle, int number) =>
        RandomAccess.Write(handle, "x"u8, number / AppendedFiles);

    private static (List<double> Times, int Unanswered) Measure(
        ToolToPipe running, ObservedKind kind, Func<int, (string Path, Action Write)> prepare)
    {
        // The same pauses for every tool, uneven so that no tool's own rhythm can hide in them.
        Random pauses = new(4711);
        List<double> times = [];
        int unanswered = 0;
        for (int number = 0; number < WarmUps + WritesARound; number++)
        {
            (string path, Action write) = prepare(number);
            Thread.Sleep(pauses.Next(3, 8));
            running.Discard();
            long before = Stopwatch.GetTimestamp();
            write();
            long? seen = running.WaitFor(
                observation => observation.Kind == kind && observation.Path == path, AnswerBound);
            if (seen is null)
            {
                unanswered++;
            }
            else if (number >= WarmUps)
            {
                times.Add(Stopwatch.GetElapsedTime(before, seen.Value).TotalMicroseconds);
            }
        }

        return (times, unanswered);
    }
}
