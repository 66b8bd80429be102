namespace Vigil.Compare.Loss;

/// <summary>W3: a tree of 2,000 files is moved in; then 100 of its files are written to.</summary>
internal sealed class MoveInScenario : Scenario
{
    private List<string> _files = [];

    public override string Key => "W3";

    public override void Prepare(LossSession session) => _files = MakeTree(Path.Combine(session.Outside, "tree"));

    public override void Act(LossSession session)
    {
        string target = Path.Combine(session.Watched, "tree");
        List<string> files = [.. _files.Select(file => $"{target}/{file}")];
        int mark = session.Mark;
        Directory.Move(Path.Combine(session.Outside, "tree"), target);
        session.Settle();
        session.MeasureMentioned("mv of a tree in: contents reported", mark, files);

        // One in twenty, so that the writes fall on 100 different directories.
        List<string> later = [.. files.Where((_, index) => index % 20 == 0)];
        mark = session.Mark;
        foreach (string file in later)
        {
            File.AppendAllText(file, "later\n");
        }

        session.Settle();
        session.MeasureMentioned("later writes inside it reported", mark, later);
    }
}
