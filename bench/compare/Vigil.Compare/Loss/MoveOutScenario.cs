namespace Vigil.Compare.Loss;

/// <summary>
/// W7: 20 trees are moved out; once that is told, a file is made in each. Whatever is said of it is a ghost.
/// </summary>
internal sealed class MoveOutScenario : Scenario
{
    private const int Trees = 20;

    public override string Key => "W7";

    public override void Prepare(LossSession session)
    {
        for (int number = 0; number < Trees; number++)
        {
            string sub = Path.Combine(session.Watched, $"tree{number}", "sub");
            Directory.CreateDirectory(sub);
            File.WriteAllText(Path.Combine(sub, "before"), "before\n");
        }
    }

    public override void Act(LossSession session)
    {
        int first = session.Mark;
        for (int number = 0; number < Trees; number++)
        {
            Directory.Move(
                Path.Combine(session.Watched, $"tree{number}"), Path.Combine(session.Outside, $"tree{number}"));
        }

        session.Settle();
        session.MeasureMentioned(
            "mv of trees out: reported", first, [.. Numbers().Select(number => $"{session.Watched}/tree{number}")]);

        int mark = session.Mark;
        foreach (int number in Numbers())
        {
            File.WriteAllText(Path.Combine(session.Outside, $"tree{number}", "sub", "ghost"), "ghost\n");
        }

        session.Settle();
        int ghosts = session.MentionedSince(mark).Count(path => path.Contains("/tree", StringComparison.Ordinal));
        session.Measure("written in them later: ghosts", LossGoal.None, ghosts, Trees);

        static IEnumerable<int> Numbers() => Enumerable.Range(0, Trees);
    }
}
