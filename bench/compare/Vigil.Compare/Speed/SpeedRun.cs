using Vigil.Compare.Report;
using Vigil.Compare.Tools;

namespace Vigil.Compare.Speed;

/// <summary>The four parts of <c>run speed</c>, all tools in one run, interleaved.</summary>
internal sealed class SpeedRun(Settings settings, WorkArea area)
{
    public int Run()
    {
        MachineLoad load = new();
        ToolSet tools = ToolSet.Choose(settings);
        SpeedResults results = new();
        ReadyBenchmark ready = new(settings, area, results);
        if (settings.Wants("a"))
        {
            new CpuBenchmark(settings, area, results).Run(tools);
        }

        if (settings.Wants("b"))
        {
            ready.RunLargeTree(tools);
        }

        if (settings.Wants("c"))
        {
            ready.RunEmptyDirectory(tools);
        }

        if (settings.Wants("d"))
        {
            new LatencyBenchmark(settings, area, results).Run(tools);
        }

        Machine machine = Machine.Describe(settings, tools, load);
        return new SpeedReport(settings, machine, tools, results).Write();
    }
}
