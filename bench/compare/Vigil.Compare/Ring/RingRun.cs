using Vigil.Compare.Report;
using Vigil.Compare.Tools;

namespace Vigil.Compare.Ring;

/// <summary>
/// The ring beside its peers: peer after peer within every row, row after row within every repetition, so that what
/// disturbs the machine disturbs them alike.
/// </summary>
internal sealed class RingRun(Settings settings, WorkArea area)
{
    public int Run()
    {
        MachineLoad load = new();
        RingPeers peers = new(settings);
        RingRow[] rows = [.. RingRow.All(settings).Where(row => settings.Wants(row.Part))];
        List<RingSample> samples = [];
        for (int repetition = 0; repetition < settings.Repeat; repetition++)
        {
            foreach (RingRow row in rows)
            {
                // Forth and back: nobody is always the one who comes after the same other.
                IEnumerable<RingPeer> order = repetition % 2 == 0 ? peers.All : peers.All.Reverse();
                foreach (RingPeer peer in order.Where(row.Suits))
                {
                    RingSample sample = RingProgram.Run(area, row, peer, repetition);
                    samples.Add(sample);
                    string result = sample.Failure is null ? "" : $": {sample.Failure}";
                    Console.Error.WriteLine($"ring {repetition + 1}/{settings.Repeat} {row.Part} {row.Title}: "
                        + $"{peer.Title}{result}");
                }
            }
        }

        Dictionary<string, string> versions = new()
        {
            ["C"] = $"{Programs.FirstLine("gcc", "--version")}, -O2",
            [".NET"] = $"{Environment.Version}, compiled at run time (tiered, with a warm-up that is not measured)",
        };
        Machine machine = Machine.Describe(settings, versions, peers.Missing, load);
        return new RingReport(settings, machine, peers, samples).Write(rows);
    }
}
