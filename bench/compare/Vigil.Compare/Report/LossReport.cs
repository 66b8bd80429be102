using Vigil.Compare.Loss;
using Vigil.Compare.Tools;

namespace Vigil.Compare.Report;

/// <summary>
/// The loss table, one per file system: a row for each thing that can be lost, a column for each tool.
/// </summary>
internal static class LossReport
{
    /// <summary>
    /// Writes and shows the results; 0 where every row of ours is met, or ours was not there, else 1.
    /// </summary>
    public static int Write(
        Settings settings, Machine machine, ToolSet tools, IReadOnlyList<LossMeasurement> measurements)
    {
        List<string> text = ["# What is lost", "", .. machine.ToMarkdown()];
        Tool[] columns = [.. tools.For(Purpose.Loss)];
        foreach (IGrouping<string, LossMeasurement> fileSystem in measurements.GroupBy(m => m.FileSystem))
        {
            text.AddRange(["", $"## On {fileSystem.Key}", ""]);
            text.Add($"| scenario | to reach | {string.Join(" | ", columns.Select(tool => tool.Title))} | vigil |");
            text.Add($"|---|---|{string.Concat(Enumerable.Repeat("---|", columns.Length + 1))}");
            foreach (IGrouping<string, LossMeasurement> row in fileSystem.GroupBy(m => m.Row))
            {
                IEnumerable<string> cells = columns.Select(tool => Cell([.. row.Where(m => m.Tool == tool.Key)]));
                text.Add($"| {row.Key} | {Goal(row.First())} | {string.Join(" | ", cells)} | {Verdict(row)} |");
            }
        }

        LossMeasurement[] notes = [.. measurements.Where(m => m.Note is not null)];
        if (notes.Length > 0)
        {
            text.AddRange(["", "What the tools said, or what differed:", ""]);
            text.AddRange(notes.Select(m => $"- {m.FileSystem}, {m.Tool}, {m.Row}: `{m.Note}`"));
        }

        Output.Write(settings, "loss", new { Machine = machine, Measurements = measurements }, text);
        return measurements.Any(m => IsOurs(m) && !m.IsMet) ? 1 : 0;
    }

    private static bool IsOurs(LossMeasurement measurement) => measurement.Tool == "vigil";

    private static string Goal(LossMeasurement measurement) => measurement.Goal switch
    {
        LossGoal.All => measurement.Of.ToString(),
        LossGoal.Told => "yes",
        _ => "0",
    };

    private static string Verdict(IEnumerable<LossMeasurement> row)
    {
        LossMeasurement[] ours = [.. row.Where(IsOurs)];
        return ours.Length == 0 ? "–" : ours.All(m => m.IsMet) ? "met" : "**missed**";
    }

    private static string Cell(LossMeasurement[] values)
    {
        if (values.Length == 0)
        {
            return "–";
        }

        int least = values.Min(m => m.Value);
        int most = values.Max(m => m.Value);
        string text = values[0].Goal == LossGoal.Told
            ? (least, most) switch { (1, _) => "yes", (_, 0) => "no", _ => "not always" }
            : least == most ? $"{least}" : $"{least}–{most}";
        return values.All(m => m.IsMet) ? $"**{text}**" : text;
    }
}
