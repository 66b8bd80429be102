using Vigil.Compare.Report;
using Vigil.Compare.Tools;

namespace Vigil.Compare.Loss;

/// <summary>The loss table: every scenario, with every tool, on every file system, tool beside tool.</summary>
internal sealed class LossRun(Settings settings, WorkArea area)
{
    private static readonly Scenario[] Scenarios =
    [
        new ChainsScenario(), new CopyScenario(), new MoveInScenario(),
        new RenameScenario(), new MoveOutScenario(), new StoppedScenario(),
    ];

    public int Run()
    {
        MachineLoad load = new();
        ToolSet tools = ToolSet.Choose(settings);
        List<LossMeasurement> measurements = [];
        foreach (string parent in settings.Parents)
        {
            string fileSystem = Machine.FileSystemOf(parent);
            foreach (Scenario scenario in Scenarios.Where(scenario => settings.Wants(scenario.Key)))
            {
                for (int repetition = 0; repetition < settings.Repeat; repetition++)
                {
                    foreach (Tool tool in tools.For(Purpose.Loss))
                    {
                        measurements.AddRange(RunOne(parent, fileSystem, scenario, tool));
                    }
                }
            }
        }

        Machine machine = Machine.Describe(settings, tools, load);
        return LossReport.Write(settings, machine, tools, measurements);
    }

    private List<LossMeasurement> RunOne(string parent, string fileSystem, Scenario scenario, Tool tool)
    {
        Console.Error.WriteLine($"loss {scenario.Key} on {fileSystem}: {tool.Title}");
        using LossSession session = new(settings, area, parent, fileSystem, scenario, tool);
        try
        {
            scenario.Prepare(session);
            session.Start();
            scenario.Act(session);
            session.MeasureMirror();
        }
        catch (Exception error) when (error is InvalidOperationException or TimeoutException)
        {
            Console.Error.WriteLine($"  failed: {error.Message}");
            session.Measure("failed", LossGoal.None, 1, 1, error.Message);
        }

        return session.Measurements;
    }
}
