using System.Globalization;
using Vigil.Compare.Report;
using Vigil.Compare.Speed;

namespace Vigil.Compare.Bus;

/// <summary>
/// The table of <c>run bus</c>: medians of all repetitions with the least and the most, and how often watchman's number
/// is ours, as the median of the ratios within each repetition.
/// </summary>
internal sealed class BusReport(
    Settings settings, Machine machine, IReadOnlyList<BusSample> samples, IReadOnlyList<string> wrong)
{
    private const double LeastLatencyRatio = 5;
    private const double MostOfFirst = 0.05;
    private const int Others = 9;
    private const int MostKilledMs = 1000;
    private const string Ours = VigilBusPeer.PeerTitle;

    private readonly string[] _peers = [.. samples.Select(sample => sample.Peer).Distinct().Order()];

    /// <summary>Writes and shows the results; 1 where an answer was wrong.</summary>
    public int Write(LargeTree tree)
    {
        List<string> text =
        [
            "# The bus and watchman", "", .. machine.ToMarkdown(),
            string.Create(
                CultureInfo.InvariantCulture,
                $"- {settings.Repeat} repetitions, peers interleaved; {tree.Directories} directories, "
                + $"{tree.Files} files; storms of {settings.Operations} changes"),
            "",
            $"| | {string.Join(" | ", _peers)} | watchman to vigil | to reach | |",
            $"|---|{string.Concat(_peers.Select(_ => "---|"))}---|---|---|",
        ];
        foreach (string row in BusSample.Rows)
        {
            double? ratio = BusSample.Alone.Contains(row) ? null : Ratio(row);
            double least = row == BusSample.Latency99 ? LeastLatencyRatio : 1;
            string goal = ratio is null ? "" : $"≥ {least}";
            string verdict = ratio is null ? "" : ratio >= least ? "met" : "**missed**";
            if (row == BusSample.Killed)
            {
                goal = $"≤ {MostKilledMs}";
                verdict = Of(row, Ours).All(value => value <= MostKilledMs) ? "met" : "**missed**";
            }

            text.Add($"| {row} | {string.Join(" | ", _peers.Select(peer => Show(row, peer)))} | "
                + $"{ratio?.ToString("0.0", CultureInfo.InvariantCulture)} | {goal} | {verdict} |");
        }

        foreach (string peer in _peers)
        {
            double extra = ExtraOf(peer);
            string verdict = peer == "watchman" ? "" : extra <= MostOfFirst ? " (to reach: at most 5 %: met)"
                : " (to reach: at most 5 %: **missed**)";
            text.Add("");
            text.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{peer}: a further subscriber costs the service {extra * 100:0.0} % of the CPU with one{verdict}."));
        }

        text.Add("");
        text.Add(wrong.Count == 0 ? "Every answer was checked and right." : "**Wrong answers:**");
        text.AddRange(wrong.Select(line => $"- {line}"));
        Output.Write(settings, "bus", new { Machine = machine, Samples = samples, Wrong = wrong }, text);
        return wrong.Any(line => line.StartsWith("vigil", StringComparison.Ordinal)) ? 1 : 0;
    }

    private double[] Of(string row, string peer) =>
        [.. samples.Where(sample => sample.Row == row && sample.Peer == peer).Select(sample => sample.Value)];

    private string Show(string row, string peer)
    {
        double[] values = Of(row, peer);
        if (values.Length == 0)
        {
            return "";
        }

        Statistics statistics = new(values);
        return string.Create(
            CultureInfo.InvariantCulture, $"{statistics.Median:0.0#} ({statistics.Least:0.0#}–{statistics.Most:0.0#})");
    }

    private double? Ratio(string row)
    {
        double[] ratios =
        [
            .. from ours in samples
            where ours.Row == row && ours.Peer != "watchman"
            from theirs in samples
            where theirs.Row == row && theirs.Peer == "watchman" && theirs.Repetition == ours.Repetition
            select theirs.Value / ours.Value,
        ];
        return ratios.Length == 0 ? null : new Statistics(ratios).Median;
    }

    // What each of the nine others adds to the one, as a part of what the one costs.
    private double ExtraOf(string peer)
    {
        double[] ones = Of(BusSample.CpuOne, peer), tens = Of(BusSample.CpuTen, peer);
        return new Statistics(ones.Zip(tens, (one, ten) => ((ten / one) - 1) / Others)).Median;
    }
}
