using System.Diagnostics;
using Vigil.Compare.Tools;

namespace Vigil.Compare.Loss;

/// <summary>One scenario with one tool: its folders, what the tool reported so far, and what was measured.</summary>
internal sealed class LossSession : IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan QuietBound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SentinelBound = TimeSpan.FromSeconds(10);

    private readonly WorkArea _area;
    private readonly string _folder;
    private readonly string _fileSystem;
    private readonly Scenario _scenario;
    private ToolToFile? _running;
    private Mirror? _mirror;
    private int _sentinels;

    public LossSession(Settings settings, WorkArea area, string parent, string fileSystem, Scenario scenario, Tool tool)
    {
        Settings = settings;
        Tool = tool;
        _area = area;
        _fileSystem = fileSystem;
        _scenario = scenario;
        _folder = area.NewFolder(parent, scenario.Key);
        Watched = Directory.CreateDirectory(Path.Combine(_folder, "watched")).FullName;
        Outside = Directory.CreateDirectory(Path.Combine(_folder, "outside")).FullName;
    }

    public Settings Settings { get; }

    public Tool Tool { get; }

    /// <summary>The tree that the tool watches.</summary>
    public string Watched { get; }

    /// <summary>A folder on the same file system that it does not watch.</summary>
    public string Outside { get; }

    public List<LossMeasurement> Measurements { get; } = [];

    public ToolToFile Running => _running ?? throw new InvalidOperationException("the tool is not started yet");

    /// <summary>A place in the output, for <see cref="MentionedSince"/>.</summary>
    public int Mark => Running.Observations.Count;

    public void Start()
    {
        _mirror = Mirror.Walk(Watched);
        string log = Directory.CreateDirectory(Path.Combine(_folder, "log")).FullName;
        _running = ToolToFile.Start(Tool, Purpose.Loss, Watched, log, _area);
    }

    /// <summary>
    /// Waits until the tool has said everything: its output is quiet, then a sentinel file is made and reported, then
    /// its output is quiet again. A tool that told of an overflow and promises a rescan is waited for.
    /// </summary>
    public void Settle()
    {
        WaitForQuiet();
        string sentinel = Path.Combine(Watched, $"zz-sentinel-{++_sentinels}");
        int mark = Mark;
        File.WriteAllBytes(sentinel, []);
        Stopwatch waited = Stopwatch.StartNew();
        while (!MentionedSince(mark).Contains(sentinel))
        {
            if (waited.Elapsed > SentinelBound)
            {
                Measure("sentinel files not reported", LossGoal.None, 1, 0);
                break;
            }

            Thread.Sleep(10);
            Running.Pump();
        }

        WaitForQuiet();
    }

    public HashSet<string> MentionedSince(int mark)
    {
        HashSet<string> paths = new(StringComparer.Ordinal);
        foreach (Observation observation in Running.Observations.Skip(mark))
        {
            paths.Add(observation.Path);
            if (observation.OldPath is not null)
            {
                paths.Add(observation.OldPath);
            }
        }

        return paths;
    }

    public void Measure(string row, LossGoal goal, int value, int of, string? note = null) =>
        Measurements.Add(new LossMeasurement(
            _scenario.Key, $"{_scenario.Key} {row}", Tool.Key, _fileSystem, goal, value, of, note));

    /// <summary>How many of the files were named in the output since a mark.</summary>
    public void MeasureMentioned(string row, int mark, IReadOnlyCollection<string> files)
    {
        HashSet<string> mentioned = MentionedSince(mark);
        Measure(row, LossGoal.All, files.Count(mentioned.Contains), files.Count);
    }

    public bool WasToldOfLoss(out string? text)
    {
        text = Running.Observations.FirstOrDefault(
            observation => observation.Kind is ObservedKind.Overflowed or ObservedKind.Error).Text;
        return text is not null;
    }

    /// <summary>
    /// The promise of a tool that keeps a mirror: its changes, applied to the first walk, give the last walk.
    /// </summary>
    public void MeasureMirror()
    {
        if (!Tool.IsMirror || _mirror is null)
        {
            return;
        }

        foreach (Observation observation in Running.Observations)
        {
            _mirror.Apply(observation);
        }

        Mirror disk = Mirror.Walk(Watched);
        List<string> differences = _mirror.DifferencesFrom(disk);
        string? firstOnes = differences.Count == 0 ? null : string.Join(", ", differences.Take(5));
        Measure("mirror: differences from the tree", LossGoal.None, differences.Count, disk.Count(), firstOnes);
        string? firstOdd = _mirror.Oddities.Count == 0 ? null : string.Join(", ", _mirror.Oddities.Take(3));
        Measure(
            "mirror: changes out of order",
            LossGoal.None, _mirror.Oddities.Count, Running.Observations.Count, firstOdd);
    }

    public void Dispose()
    {
        _running?.Dispose();
        _area.RemoveFolder(_folder);
    }

    private void WaitForQuiet()
    {
        Stopwatch waited = Stopwatch.StartNew();
        Stopwatch quiet = Stopwatch.StartNew();
        while (waited.Elapsed < QuietBound && (quiet.Elapsed < Quiet || IsRescanDue()))
        {
            Thread.Sleep(10);
            if (Running.Pump() > 0)
            {
                quiet.Restart();
            }
        }
    }

    private bool IsRescanDue() =>
        Tool.IsMirror && Running.Observations.FindLastIndex(o => o.Kind == ObservedKind.Overflowed)
            > Running.Observations.FindLastIndex(o => o.Kind == ObservedKind.Rescanned);
}
