using System.Globalization;
using Vigil.Compare.Report;

namespace Vigil.Compare.Files;

/// <summary>
/// The tables of <c>run files</c>: medians with the least and the most of all repetitions; a ratio is the median of the
/// ratios within each repetition. A run with a wrong answer is a failure and in no table.
/// </summary>
internal sealed class FilesReport(
    Settings settings,
    Machine machine,
    bool drops,
    IReadOnlyList<FilesPart> parts,
    IReadOnlyList<FilesSample> samples)
{
    private const string Vigil = "vigil";

    private readonly List<string> _text = ["# Files and their peers", "", .. machine.ToMarkdown()];

    /// <summary>Writes and shows the results; 1 where an answer was wrong or a program failed.</summary>
    public int Write()
    {
        _text.Add($"- {settings.Repeat} repetitions, peers interleaved; processor time is that of the whole process "
            + "with the kernel's threads for it");
        foreach (FilesPart part in parts)
        {
            WritePart(part);
        }

        FilesSample[] failures = [.. samples.Where(sample => !sample.IsRight)];
        _text.Add("");
        _text.Add(failures.Length == 0
            ? "Every answer was checked and right."
            : "**Failed, and in no table:**");
        _text.AddRange(failures.Select(f => $"- {f.Part}, {f.Peer}: `{f.Failure}`"));
        Output.Write(settings, "files", new { Machine = machine, Samples = samples }, _text);
        return failures.Length == 0 ? 0 : 1;
    }

    private void WritePart(FilesPart part)
    {
        string cold = !part.IsCold ? ""
            : drops ? "The page cache was dropped before each run (/proc/sys/vm/drop_caches). "
            : "**The page cache could not be dropped (only root can): these files were cached.** ";
        _text.AddRange(
        [
            "", $"## {part.Title}", "", $"{cold}Nanoseconds each.", "",
            "| | runs | time | processor time | allocated, B |", "|---|---|---|---|---|",
        ]);
        foreach (FilesPeer peer in part.Peers)
        {
            double? allocated = Of(part, peer.Key, s => s.AllocatedEach)?.Median;
            _text.Add(Of(part, peer.Key, s => s.NanosecondsEach) is { } time
                ? $"| {peer.Title} | {time.Count} | {Spread(time)} "
                    + $"| {Spread(Of(part, peer.Key, s => s.CpuNanosecondsEach)!)} "
                    + $"| {allocated?.ToString("0", CultureInfo.InvariantCulture)} |"
                : $"| {peer.Title} | 0 | no run that was right | | |");
        }

        _text.Add("");
        _text.AddRange(Goals(part));
    }

    private IEnumerable<string> Goals(FilesPart part) => part.Key switch
    {
        "read" => [AtMost(part, Vigil, ["async"], 0.25)],
        "whole" => [AtMost(part, Vigil, ["async"], 0.45)],
        "overwrite" => [AtMost(part, Vigil, ["async"], 0.15)],
        "many" =>
        [
            AtMost(part, "vigil64", ["foreach", "tasks"], 0.5), AtMost(part, "vigil256", ["foreach", "tasks"], 0.5),
            AtMost(part, "vigil64", ["c64"], 1.25), AtMost(part, "vigil256", ["c256"], 1.25),
        ],
        _ =>
        [
            AtMost(part, Vigil, ["threads"], 1 / 0.75), AtMost(part, Vigil, ["threads"], 0.65, ofProcessor: true),
        ],
    };

    // To the best of the others in the same repetition.
    private string AtMost(FilesPart part, string ours, string[] others, double most, bool ofProcessor = false)
    {
        Func<FilesSample, double> value = ofProcessor ? s => s.CpuNanosecondsEach : s => s.NanosecondsEach;
        double[] ratios =
        [
            .. from sample in Right(part, ours)
               let best = others.SelectMany(other => Right(part, other))
                   .Where(other => other.Repetition == sample.Repetition).Select(value).DefaultIfEmpty(double.NaN).Min()
               where !double.IsNaN(best)
               select value(sample) / best,
        ];
        if (ratios.Length == 0)
        {
            return $"- {ours}: no run that was right";
        }

        Statistics ratio = new(ratios);
        string what = ofProcessor ? "processor time" : "time";
        string to = string.Join(" or ", others);
        string verdict = ratio.Median <= most ? "met" : "**missed**";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"- {ours}, {what} to that of {to}: {ratio.Median:0.00} ({ratio.Least:0.00}–{ratio.Most:0.00}); to reach: "
                + $"at most {most:0.00}: {verdict}");
    }

    private IEnumerable<FilesSample> Right(FilesPart part, string peer) =>
        samples.Where(s => s.Part == part.Key && s.Peer == peer && s.IsRight);

    private Statistics? Of(FilesPart part, string peer, Func<FilesSample, double> value)
    {
        double[] values = [.. Right(part, peer).Select(value).Where(number => !double.IsNaN(number))];
        return values.Length == 0 ? null : new Statistics(values);
    }

    private static string Spread(Statistics numbers) => string.Create(
        CultureInfo.InvariantCulture, $"{numbers.Median:#,0} ({numbers.Least:#,0}–{numbers.Most:#,0})");
}
