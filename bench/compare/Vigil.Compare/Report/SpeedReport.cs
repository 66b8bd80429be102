using Vigil.Compare.Speed;
using Vigil.Compare.Tools;

namespace Vigil.Compare.Report;

/// <summary>The tables of <c>run speed</c>, with what is to be reached and whether it was.</summary>
internal sealed class SpeedReport(Settings settings, Machine machine, ToolSet tools, SpeedResults results)
{
    private const double RawNanoseconds = 600;
    private const double TreeNanoseconds = 1_500;
    private const double LargeTreeMib = 60;
    private const double StartMilliseconds = 8;
    private const double MedianLatencyMicroseconds = 1_000;
    private const double P99LatencyMicroseconds = 5_000;

    private readonly List<string> _text = ["# What it costs", "", .. machine.ToMarkdown()];

    /// <summary>
    /// Writes and shows the results; 1 where something failed or gave a wrong answer. A missed target is no failure.
    /// </summary>
    public int Write()
    {
        WriteCpu();
        WriteLargeTree();
        WriteEmptyDirectory();
        WriteLatency();
        List<string> problems =
        [
            .. results.Failures,
            .. results.Cpu.SelectMany(s => s.Problems.Select(p => $"(a) {s.FileSystem}, {s.Tool}, {s.Rate:0}/s: {p}")),
            .. results.LargeTree.SelectMany(s => s.Problems.Select(p => $"(b) {s.Tool}: {p}")),
            .. results.EmptyDirectory.SelectMany(s => s.Problems.Select(p => $"(c) {s.Tool}: {p}")),
            .. results.Latency.Where(s => s.Unanswered > 0).Select(
                s => $"(d) {s.FileSystem}, {s.Tool}, {s.Pattern}: {s.Unanswered} writes were never reported"),
        ];
        _text.AddRange(problems.Count == 0
            ? ["", "Every answer was checked and right."]
            : ["", "Wrong answers and failures:", "", .. problems.Select(problem => $"- {problem}")]);
        Output.Write(settings, "speed", new { Machine = machine, Results = results }, _text);
        return problems.Count == 0 ? 0 : 1;
    }

    private static string Verdict(bool met) => met ? "met" : "**missed**";

    private static string Spread(Statistics values, string format) =>
        $"{values.Median.ToString(format)} ({values.Least.ToString(format)}–{values.Most.ToString(format)})";

    private void WriteCpu()
    {
        foreach (IGrouping<string, CpuSample> fileSystem in results.Cpu.GroupBy(sample => sample.FileSystem))
        {
            _text.AddRange(
            [
                "", $"## (a) CPU an event on {fileSystem.Key}: "
                    + $"{fileSystem.First().Operations:N0} file operations in one directory", "",
                "Nanoseconds of user and system time, median (least–most).", "",
                "| tool | runs | a second | ns a kernel event | ns a file operation | ns a line "
                    + "| kernel events | lines | to reach | |",
                "|---|---|---|---|---|---|---|---|---|---|",
            ]);
            List<(string Label, double Value)> bars = [];
            foreach (Tool tool in tools.For(Purpose.Cpu))
            {
                CpuSample[] right = [.. fileSystem.Where(s => s.Tool == tool.Key && s.Problems.Count == 0)];
                if (right.Length == 0)
                {
                    _text.Add($"| {tool.Title} | 0 | no run without loss | | | | | | | |");
                    continue;
                }

                Statistics perEvent = new(right.Select(s => s.NanosecondsPerKernelEvent));
                double? target = tool.IsMirror ? TreeNanoseconds : tool.Key == "vigil-raw" ? RawNanoseconds : null;
                _text.Add($"| {tool.Title} | {right.Length} | {right.Min(s => s.Rate):0} | {Spread(perEvent, "0")} "
                    + $"| {Spread(new Statistics(right.Select(s => s.NanosecondsPerOperation)), "0")} "
                    + $"| {Spread(new Statistics(right.Select(s => s.NanosecondsPerLine)), "0")} "
                    + $"| {right[^1].KernelEvents:N0} | {right[^1].Lines:N0} "
                    + (target is null ? "| | |" : $"| ≤ {target:N0} ns | {Verdict(perEvent.Median <= target)} |"));
                bars.Add((tool.Title, perEvent.Median));
            }

            Output.WriteText(settings, $"cpu-{fileSystem.Key}.svg", BarPlot.Draw(
                $"CPU per kernel event on {fileSystem.Key}, nanoseconds (median)", bars));
        }
    }

    private void WriteLargeTree()
    {
        if (results.LargeTree.Count == 0)
        {
            return;
        }

        _text.AddRange(
        [
            "", $"## (b) {results.LargeTreeDirectories:N0} directories, {results.LargeTreeFiles:N0} files on "
                + $"{machine.FileSystems[0]}, warm cache", "",
            "| tool | runs | ready after, ms | resident, MiB | at most resident, MiB | to reach | |",
            "|---|---|---|---|---|---|---|",
        ]);
        double? inotifyWait = results.LargeTree.Where(s => s.Tool == "inotifywait").Select(s => s.ReadyMilliseconds)
            .ToArray() is { Length: > 0 } times ? new Statistics(times).Median : null;
        foreach (IGrouping<string, ReadySample> group in results.LargeTree.GroupBy(sample => sample.Tool))
        {
            Statistics ready = new(group.Select(s => s.ReadyMilliseconds));
            Statistics resident = new(group.Select(s => s.RssKib / 1024.0));
            Statistics highest = new(group.Select(s => s.HighestRssKib / 1024.0));
            string target = group.Key == "vigil" && inotifyWait is not null
                ? $"| ≤ inotifywait; ≤ {LargeTreeMib} MiB | {Verdict(ready.Median <= inotifyWait)}; "
                    + $"{Verdict(resident.Median <= LargeTreeMib)} |"
                : "| | |";
            _text.Add($"| {TitleOf(group.Key)} | {ready.Count} | {Spread(ready, "0")} | {Spread(resident, "0.0")} "
                + $"| {Spread(highest, "0.0")} {target}");
        }
    }

    private void WriteEmptyDirectory()
    {
        if (results.EmptyDirectory.Count == 0)
        {
            return;
        }

        _text.AddRange(
        [
            "", "## (c) Start to ready on an empty directory", "",
            "| tool | runs | ready after, ms | resident, MiB | to reach | |", "|---|---|---|---|---|---|",
        ]);
        foreach (IGrouping<string, ReadySample> group in results.EmptyDirectory.GroupBy(sample => sample.Tool))
        {
            Statistics ready = new(group.Select(s => s.ReadyMilliseconds));
            Statistics resident = new(group.Select(s => s.RssKib / 1024.0));
            _text.Add($"| {TitleOf(group.Key)} | {ready.Count} | {Spread(ready, "0.0")} | {Spread(resident, "0.0")} "
                + (group.Key == "vigil"
                    ? $"| ≤ {StartMilliseconds} ms | {Verdict(ready.Median <= StartMilliseconds)} |"
                    : "| | |"));
        }
    }

    private void WriteLatency()
    {
        foreach (IGrouping<string, LatencySample> fileSystem in results.Latency.GroupBy(sample => sample.FileSystem))
        {
            _text.AddRange(
            [
                "", $"## (d) From the writing call to the line, on {fileSystem.Key}", "",
                "| tool | write | writes | p50, µs | p99, µs | most, µs | never reported | to reach | |",
                "|---|---|---|---|---|---|---|---|---|",
            ]);
            foreach (LatencySample sample in fileSystem
                .Where(sample => sample.Microseconds.Count > 0)
                .OrderBy(sample => sample.Pattern, StringComparer.Ordinal))
            {
                Statistics times = new(sample.Microseconds);
                double p50 = times.Percentile(50);
                double p99 = times.Percentile(99);
                bool met = p50 <= MedianLatencyMicroseconds && p99 <= P99LatencyMicroseconds && sample.Unanswered == 0;
                _text.Add($"| {TitleOf(sample.Tool)} | {sample.Pattern} | {times.Count} "
                    + $"| {p50:0} | {p99:0} | {times.Most:0} | {sample.Unanswered} "
                    + (sample.Tool == "vigil" ? $"| p50 ≤ 1 ms, p99 ≤ 5 ms | {Verdict(met)} |" : "| | |"));
            }
        }
    }

    private string TitleOf(string key) => tools.Tools.Single(tool => tool.Key == key).Title;
}
