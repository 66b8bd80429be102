namespace Vigil.Compare.Loss;

/// <summary>W6: 20 directories are renamed; files are made in their sub-directories at once, and later.</summary>
internal sealed class RenameScenario : Scenario
{
    private const int Directories = 20;

    public override string Key => "W6";

    public override void Prepare(LossSession session)
    {
        for (int number = 0; number < Directories; number++)
        {
            string sub = Path.Combine(session.Watched, $"old{number}", "sub");
            Directory.CreateDirectory(sub);
            File.WriteAllText(Path.Combine(sub, "before"), "before\n");
        }
    }

    public override void Act(LossSession session)
    {
        int first = session.Mark;
        for (int number = 0; number < Directories; number++)
        {
            Directory.Move(
                Path.Combine(session.Watched, $"old{number}"), Path.Combine(session.Watched, $"new{number}"));
            File.WriteAllText(Files("new", "at-once")[number], "at once\n");
        }

        session.Settle();
        session.MeasureMentioned("written at once after the rename: right path", first, Files("new", "at-once"));

        int mark = session.Mark;
        foreach (string file in Files("new", "later"))
        {
            File.WriteAllText(file, "later\n");
        }

        session.Settle();
        session.MeasureMentioned("written later after the rename: right path", mark, Files("new", "later"));

        HashSet<string> mentioned = session.MentionedSince(first);
        int stale = Files("old", "at-once").Concat(Files("old", "later")).Count(mentioned.Contains);
        session.Measure("stale paths", LossGoal.None, stale, 2 * Directories);

        List<string> Files(string prefix, string name) =>
            [.. Enumerable.Range(0, Directories).Select(number => $"{session.Watched}/{prefix}{number}/sub/{name}")];
    }
}
