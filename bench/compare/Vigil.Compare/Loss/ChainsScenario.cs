namespace Vigil.Compare.Loss;

/// <summary>W1: 500 times <c>mkdir -p mN/b/c/d</c> and a file in it, then a write beside each of those files.</summary>
internal sealed class ChainsScenario : Scenario
{
    private const int Chains = 500;

    public override string Key => "W1";

    public override void Act(LossSession session)
    {
        int mark = session.Mark;
        RunWriter(session, "chains", Chains);
        session.Settle();
        session.MeasureMentioned("mkdir -p chains: leaf reported", mark, Files("leaf"));

        mark = session.Mark;
        foreach (string file in Files("later"))
        {
            File.WriteAllText(file, "later\n");
        }

        session.Settle();
        session.MeasureMentioned("later write beside the leaf reported", mark, Files("later"));

        List<string> Files(string name) =>
            [.. Enumerable.Range(0, Chains).Select(number => $"{session.Watched}/m{number}/b/c/d/{name}")];
    }
}
