using Vigil.Compare.Tools;

namespace Vigil.Compare.Speed;

/// <summary>(b) and (c): from the start of the process to its ready sign, and its memory then.</summary>
internal sealed class ReadyBenchmark(Settings settings, WorkArea area, SpeedResults results)
{
    private const int LargeTreeRepetitions = 5;
    private const int EmptyRepetitions = 30;

    private static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenLargeTrees = TimeSpan.FromMilliseconds(500);

    public void RunLargeTree(ToolSet tools)
    {
        string folder = area.NewFolder(settings.Parents[0], "large");
        try
        {
            Console.Error.WriteLine("speed (b): making the large tree");
            LargeTree tree = LargeTree.Make(folder, settings.Leaves);
            results.LargeTreeDirectories = tree.Directories;
            results.LargeTreeFiles = tree.Files;
            Programs.Run("sync", ["-f", folder]);
            Tool[] recursive = [.. tools.For(Purpose.Prompt).Where(tool => tool.WatchesTrees)];
            for (int repetition = 1; repetition <= LargeTreeRepetitions; repetition++)
            {
                foreach (Tool tool in recursive)
                {
                    tree.Warm();
                    Console.Error.WriteLine($"speed (b): {tool.Title}, {repetition} of {LargeTreeRepetitions}");
                    results.LargeTree.AddRange(Measure("(b)", tool, repetition, tree.Root, tree.Probes));

                    // The kernel frees 51,000 watches after the process ended; the next one shall not pay for that.
                    Thread.Sleep(BetweenLargeTrees);
                }
            }
        }
        finally
        {
            area.RemoveFolder(folder);
        }
    }

    public void RunEmptyDirectory(ToolSet tools)
    {
        string folder = area.NewFolder(settings.Parents[0], "empty");
        try
        {
            Console.Error.WriteLine($"speed (c): {EmptyRepetitions} starts of each tool");
            for (int repetition = 1; repetition <= EmptyRepetitions; repetition++)
            {
                foreach (Tool tool in tools.For(Purpose.Prompt))
                {
                    results.EmptyDirectory.AddRange(Measure("(c)", tool, repetition, folder, [folder]));
                }
            }
        }
        finally
        {
            area.RemoveFolder(folder);
        }
    }

    private List<ReadySample> Measure(
        string part, Tool tool, int repetition, string watched, IEnumerable<string> probes)
    {
        try
        {
            using ToolToPipe running = ToolToPipe.Start(tool, watched, area);
            (long rss, long highest) = running.Memory();
            List<string> problems = [];
            foreach (string directory in probes)
            {
                Probe(running, directory, problems);
            }

            double ready = running.TimeToReady.TotalMilliseconds;
            return [new ReadySample(tool.Key, repetition, ready, rss, highest, problems)];
        }
        catch (Exception error) when (error is InvalidOperationException or TimeoutException)
        {
            results.Failures.Add($"{part} {tool.Title}: {error.Message}");
            Console.Error.WriteLine($"  failed: {error.Message}");
            return [];
        }
    }

    /// <summary>A tool that says "ready" has to answer: a file made now, in this directory, must be reported.</summary>
    private static void Probe(ToolToPipe running, string directory, List<string> problems)
    {
        string probe = Path.Combine(directory, "probe");
        File.WriteAllBytes(probe, []);
        bool answered = running.WaitFor(
            seen => seen.Kind == ObservedKind.Created && seen.Path == probe, AnswerBound) is not null;
        File.Delete(probe);
        bool deleted = running.WaitFor(
            seen => seen.Kind == ObservedKind.Deleted && seen.Path == probe, AnswerBound) is not null;
        if (!answered || !deleted)
        {
            problems.Add($"ready, but a file made or deleted in {Path.GetFileName(directory)} was not reported");
        }
    }
}
