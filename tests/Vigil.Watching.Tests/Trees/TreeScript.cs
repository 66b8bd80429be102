namespace Vigil.Watching.Tests;

/// <summary>A scenario as it is written down.</summary>
internal sealed class TreeScript
{
    private TreeScript()
    {
    }

    internal bool NeedsRoot { get; private set; }

    internal List<string> Programs { get; } = [];

    internal Dictionary<string, string> Options { get; } = new(StringComparer.Ordinal);

    internal List<string> Before { get; } = [];

    internal List<ScriptStep> Steps { get; } = [];

    internal static TreeScript Parse(string[] lines)
    {
        var script = new TreeScript();
        ScriptStep? step = null;
        int block = 0;
        bool inBlock = false;
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            switch (line)
            {
                case "":
                    break;
                case ['#', ..]:
                    script.TakeComment(line[1..].Trim());
                    break;
                case ['@', ..]:
                    string[] words = line[1..].Trim().Split(' ', 2);
                    script.Options[words[0]] = words.Length > 1 ? words[1] : "";
                    break;
                case ['>', ' ', ..]:
                    script.Before.Add(line[2..]);
                    break;
                case ['$', ' ', ..] or ['!', ' ', ..]:
                    bool isCall = line[0] == '!';
                    if (step is null || isCall || step.IsCall || step.Expected.Count > 0 || step.IsOpen)
                    {
                        step = new ScriptStep(i + 1, isCall);
                        script.Steps.Add(step);
                    }

                    step.Commands.Add(line[2..]);
                    break;
                case "...":
                    step!.IsOpen = true;
                    break;
                case "{":
                    block++;
                    inBlock = true;
                    break;
                case "}":
                    block++;
                    inBlock = false;
                    break;
                default:
                    (step ?? throw new FormatException($"line {i + 1} expects something before any command"))
                        .Expected.Add(ScriptLine.Parse(line, i + 1, inBlock ? block : -1 - i));
                    break;
            }
        }

        return script;
    }

    private void TakeComment(string text)
    {
        if (text.StartsWith("needs ", StringComparison.Ordinal))
        {
            string[] needs = text["needs ".Length..].Split(' ');
            NeedsRoot |= needs.Contains("root");
            Programs.AddRange(needs.Where(need => need != "root"));
        }
    }
}
