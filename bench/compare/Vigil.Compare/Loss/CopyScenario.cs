using Vigil.Compare.Tools;

namespace Vigil.Compare.Loss;

/// <summary>W2: <c>cp -r</c> of 2,000 files in 200 directories, three times.</summary>
internal sealed class CopyScenario : Scenario
{
    private List<string> _files = [];

    public override string Key => "W2";

    public override void Prepare(LossSession session) => _files = MakeTree(Path.Combine(session.Outside, "source"));

    public override void Act(LossSession session)
    {
        for (int copy = 1; copy <= 3; copy++)
        {
            string target = Path.Combine(session.Watched, $"copy{copy}");
            int mark = session.Mark;
            Programs.Run("cp", ["-r", Path.Combine(session.Outside, "source"), target]);
            session.Settle();
            session.MeasureMentioned("cp -r: files reported", mark, [.. _files.Select(file => $"{target}/{file}")]);
        }
    }
}
