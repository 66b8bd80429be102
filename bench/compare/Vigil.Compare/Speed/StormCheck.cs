using System.Globalization;
using Vigil.Compare.Loss;
using Vigil.Compare.Tools;

namespace Vigil.Compare.Speed;

/// <summary>
/// Checks what a tool printed about a storm. Every created name must be there, for every tool. A raw reader must have
/// printed exactly the events that the kernel queued, kind by kind; a mirror must equal the directory.
/// </summary>
internal sealed class StormCheck(Tool tool, string watched, StormCounts counts, uint mask)
{
    private readonly bool[] _created = new bool[counts.Creates];
    private readonly Dictionary<ObservedKind, long> _byKind = [];
    private readonly Mirror _mirror = Mirror.Empty(watched);
    private readonly List<string> _losses = [];

    /// <summary>The lines about the storm: neither the ready sign nor the sentinel's.</summary>
    public long Lines { get; private set; }

    public void Read(string outputFile, string sentinel)
    {
        foreach (string line in File.ReadLines(outputFile))
        {
            if (!tool.TryParse(line, watched, out Observation observation))
            {
                continue;
            }

            _mirror.Apply(observation);
            if (!observation.Path.EndsWith(sentinel, StringComparison.Ordinal))
            {
                Lines++;
                Count(observation);
            }
        }
    }

    public IReadOnlyList<string> Problems()
    {
        List<string> problems = [.. _losses.Take(3)];
        if (mask == 0)
        {
            problems.Add("the directory has no inotify watch of this tool, or several: events cannot be counted");
        }

        long unseen = _created.LongCount(seen => !seen);
        if (unseen > 0)
        {
            problems.Add($"{unseen} of {counts.Creates} created names not reported");
        }

        if (tool.IsRaw)
        {
            foreach ((ObservedKind kind, long expected) in counts.ByKind(mask))
            {
                Expect(kind, expected);
            }
        }
        else if (tool.IsMirror)
        {
            List<string> differences = _mirror.DifferencesFrom(Mirror.Walk(watched));
            if (differences.Count > 0)
            {
                string first = string.Join(", ", differences.Take(3));
                problems.Add($"the mirror differs in {differences.Count} entries: {first}");
            }
        }
        else
        {
            Expect(ObservedKind.Created, counts.Creates);
            Expect(ObservedKind.Renamed, counts.Renames);
            Expect(ObservedKind.Deleted, counts.Unlinks);
        }

        return problems;

        void Expect(ObservedKind kind, long expected)
        {
            long actual = _byKind.GetValueOrDefault(kind);
            if (actual != expected)
            {
                problems.Add($"{actual} lines of kind {kind} instead of {expected}");
            }
        }
    }

    private void Count(Observation observation)
    {
        _byKind[observation.Kind] = _byKind.GetValueOrDefault(observation.Kind) + 1;
        if (observation.Kind is ObservedKind.Overflowed or ObservedKind.Error)
        {
            _losses.Add($"the tool told of a loss: {observation.Text}");
        }

        // The load's names are fNNNNNNN, in the order in which they were made.
        ReadOnlySpan<char> path = observation.Path;
        if (observation.Kind == ObservedKind.Created && path.Length == watched.Length + 9 && path[^8] == 'f')
        {
            _created[int.Parse(path[^7..], CultureInfo.InvariantCulture)] = true;
        }
    }
}
