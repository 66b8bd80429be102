using System.Globalization;
using Vigil.Compare.Report;

namespace Vigil.Compare.Ring;

/// <summary>
/// The tables of <c>run ring</c>. A row shows medians with the least and the most of all repetitions; a ratio is the
/// median of the ratios within each repetition. A run with a wrong answer is a failure and in no table.
/// </summary>
internal sealed class RingReport(
    Settings settings, Machine machine, RingPeers peers, IReadOnlyList<RingSample> samples)
{
    private const double LeastOfMeasure = 0.85;
    private const double MostRoundTrip = 1.3;
    private const double TimesKernel = 5;
    private const double CommitNanoseconds = 25;
    private const double ExportNanoseconds = 15;

    private readonly List<string> _text = ["# The ring and its peers", "", .. machine.ToMarkdown()];

    /// <summary>Writes and shows the results; 1 where an answer was wrong or a program failed.</summary>
    public int Write(IReadOnlyList<RingRow> rows)
    {
        _text.Add($"- {settings.Repeat} repetitions, peers interleaved; the writer on processor "
            + $"{RingProgram.Processors().Replace(",", ", all readers on processor ", StringComparison.Ordinal)}; "
            + $"ring of 1 MiB; {settings.MeasuredMilliseconds} ms each after {settings.WarmMilliseconds} ms of "
            + "warm-up");
        foreach (RingRow row in rows.Where(row => row.Part == RingRow.Throughput))
        {
            WriteThroughput(row);
        }

        WriteRoundTrips([.. rows.Where(row => row.Part == RingRow.RoundTrip)]);
        WriteCommits([.. rows.Where(row => row.Part == RingRow.Commit)]);
        WriteExports([.. rows.Where(row => row.Part == RingRow.Exports)]);
        RingSample[] failures = [.. samples.Where(sample => !sample.IsRight)];
        _text.Add("");
        _text.Add(failures.Length == 0
            ? "Every answer was checked and right."
            : "**Failed, and in no table:**");
        _text.AddRange(failures.Select(f => $"- {f.Part}, {f.Row}, {f.Peer}: `{f.Failure}`"));
        Output.Write(settings, "ring", new { Machine = machine, Samples = samples }, _text);
        return failures.Length == 0 ? 0 : 1;
    }

    private void WriteThroughput(RingRow row)
    {
        _text.AddRange(
        [
            "", $"## {row.Title}", "",
            "| | runs | million messages/s | ns/message | to C | allocated, B/message | to reach | |",
            "|---|---|---|---|---|---|---|---|",
        ]);
        Statistics?[] kernels = [.. peers.All.Where(peer => peer.IsKernels)
            .Select(peer => Of(row, peer.Key, s => s.MessagesPerSecond))];
        double? bestOfKernel = kernels.Max(kernel => kernel?.Median);
        foreach (RingPeer peer in peers.All.Where(row.Suits))
        {
            if (Of(row, peer.Key, s => s.MessagesPerSecond / 1e6) is not { } speed)
            {
                _text.Add($"| {peer.Title} | 0 | no run that was right | | | | | |");
                continue;
            }

            Statistics time = Of(row, peer.Key, s => s.NanosecondsPerMessage)!;
            double? toMeasure = Ratio(row, peer, s => s.MessagesPerSecond);
            (string goal, string verdict) = Goal(row, peer, toMeasure, speed.Median * 1e6 / bestOfKernel);
            _text.Add($"| {peer.Title} | {speed.Count} | {Spread(speed, "0.00")} | {Spread(time, "0.0")} "
                + $"| {Show(toMeasure)} | {Allocated(row, peer)} | {goal} | {verdict} |");
        }
    }

    private (string Goal, string Verdict) Goal(RingRow row, RingPeer peer, double? toMeasure, double? toKernel)
    {
        if (!peer.IsOurs)
        {
            return ("", "");
        }

        List<(string Goal, bool IsMet)> goals = [];
        if (toMeasure is not null)
        {
            goals.Add(("≥ 0.85 of C", toMeasure >= LeastOfMeasure));
        }

        if (row.Shape.Bytes == 64 && toKernel is { } times)
        {
            goals.Add(($"≥ 5 times pipe and socket ({times.ToString("0.0", CultureInfo.InvariantCulture)})",
                times >= TimesKernel));
        }

        goals.Add(("0 B", AllocatedMedian(row, peer) == 0));
        return (string.Join("; ", goals.Select(goal => goal.Goal)),
            string.Join("; ", goals.Select(goal => Verdict(goal.IsMet))));
    }

    private void WriteRoundTrips(IReadOnlyList<RingRow> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        _text.AddRange(
        [
            "", "## Round trip of 64 B, two rings", "",
            "Of each run p50 and p99; shown are the medians of all runs (least–most), in nanoseconds.", "",
            "| | waiting | runs | p50 | p99 | p50 to C | p99 to C | to reach | |",
            "|---|---|---|---|---|---|---|---|---|",
        ]);
        foreach (RingRow row in rows)
        {
            foreach (RingPeer peer in peers.All.Where(row.Suits))
            {
                if (Of(row, peer.Key, s => s["p50"]) is not { } p50)
                {
                    _text.Add($"| {peer.Title} | {row.Title} | 0 | no run that was right | | | | | |");
                    continue;
                }

                Statistics p99 = Of(row, peer.Key, s => s["p99"])!;
                double? ratio50 = Ratio(row, peer, s => s["p50"]), ratio99 = Ratio(row, peer, s => s["p99"]);
                string goal = peer.IsOurs && ratio50 is not null
                    ? $"p50, p99 ≤ 1.3 of C | {Verdict(ratio50 <= MostRoundTrip)}; "
                        + Verdict(ratio99 <= MostRoundTrip)
                    : " | ";
                _text.Add($"| {peer.Title} | {row.Title} | {p50.Count} | {Spread(p50, "0")} | {Spread(p99, "0")} "
                    + $"| {Show(ratio50)} | {Show(ratio99)} | {goal} |");
            }
        }
    }

    private void WriteCommits(IReadOnlyList<RingRow> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        _text.AddRange(
        [
            "", "## A commit while a push consumer is awake", "",
            "Nanoseconds, the median of all bursts of a run; shown are the medians of all runs (least–most). "
                + "\"commit\" is the commit alone, of messages that were written before; \"message\" is reserve, "
                + "write 64 B, commit.", "",
            "| | runs | commit | message | to reach | |", "|---|---|---|---|---|---|",
        ]);
        foreach (RingPeer peer in peers.All.Where(rows[0].Suits))
        {
            Statistics? whole = Of(rows[0], peer.Key, s => s["messageNs"]);
            if (whole is null)
            {
                _text.Add($"| {peer.Title} | 0 | no run that was right | | | |");
                continue;
            }

            // Where a commit cannot be had alone, the whole message has to keep to the bound.
            Statistics? alone = Of(rows[0], peer.Key, s => s["commitNs"]);
            double bounded = (alone ?? whole).Median;
            _text.Add($"| {peer.Title} | {whole.Count} | {(alone is null ? "" : Spread(alone, "0.0"))} "
                + $"| {Spread(whole, "0.0")} "
                + (peer.IsOurs ? $"| ≤ 25 ns | {Verdict(bounded <= CommitNanoseconds)} |" : "| | |"));
        }
    }

    private void WriteExports(IReadOnlyList<RingRow> rows)
    {
        RingSample[] right = [.. samples.Where(s => s.Part == RingRow.Exports && s.IsRight)];
        if (rows.Count == 0 || right.Length == 0)
        {
            return;
        }

        _text.AddRange(
        [
            "", "## A call of libzbq.so from C", "",
            "Nanoseconds, the median of all bursts of a run; shown are the medians of all runs (least–most).", "",
            "| | runs | ns | to reach | |", "|---|---|---|---|---|",
        ]);
        foreach (string name in right[0].Numbers.Keys)
        {
            Statistics time = new(right.Select(sample => sample[name]));
            bool isCall = !name.Contains(' ', StringComparison.Ordinal);
            _text.Add($"| {name} | {time.Count} | {Spread(time, "0.0")} "
                + (isCall ? $"| ≤ 15 ns | {Verdict(time.Median <= ExportNanoseconds)} |" : "| | |"));
        }
    }

    private Statistics? Of(RingRow row, string peer, Func<RingSample, double> value)
    {
        double[] values = [.. samples
            .Where(s => s.Part == row.Part && s.Row == row.Title && s.Peer == peer && s.IsRight)
            .Select(value).Where(number => !double.IsNaN(number))];
        return values.Length == 0 ? null : new Statistics(values);
    }

    // The writer's and the reader's; .NET programs alone report it.
    private string Allocated(RingRow row, RingPeer peer) =>
        Of(row, peer.Key, s => s["allocated"]) is { } writer
            && Of(row, peer.Key, s => s["allocatedByReader"]) is { } reader
            ? $"{writer.Most.ToString("0.###", CultureInfo.InvariantCulture)} + "
                + reader.Most.ToString("0.###", CultureInfo.InvariantCulture)
            : "";

    private double AllocatedMedian(RingRow row, RingPeer peer) => Math.Max(
        Of(row, peer.Key, s => s["allocated"])?.Median ?? double.NaN,
        Of(row, peer.Key, s => s["allocatedByReader"])?.Median ?? double.NaN);

    // To the C program of the same repetition, which ran shortly before or after: what disturbs the machine comes and
    // goes.
    private double? Ratio(RingRow row, RingPeer peer, Func<RingSample, double> value)
    {
        double[] ratios = [..
            from sample in samples
            where sample.Part == row.Part && sample.Row == row.Title && sample.Peer == peer.Key && sample.IsRight
            from measure in samples
            where measure.Part == row.Part && measure.Row == row.Title && measure.Peer == RingPeer.MeasureKey
                && measure.IsRight && measure.Repetition == sample.Repetition
            select value(sample) / value(measure)];
        return ratios.Length == 0 ? null : new Statistics(ratios).Median;
    }

    private static string Show(double? ratio) => ratio?.ToString("0.00", CultureInfo.InvariantCulture) ?? "";

    private static string Spread(Statistics numbers, string format) => string.Create(
        CultureInfo.InvariantCulture,
        $"{numbers.Median.ToString(format, CultureInfo.InvariantCulture)} "
            + $"({numbers.Least.ToString(format, CultureInfo.InvariantCulture)}–"
            + $"{numbers.Most.ToString(format, CultureInfo.InvariantCulture)})");

    private static string Verdict(bool isMet) => isMet ? "met" : "**missed**";
}
