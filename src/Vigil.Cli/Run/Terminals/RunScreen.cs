using System.Text;
using Vigil.Cli.Run.Processes;
using Vigil.Cli.Run.Settings;
using Vigil.Cli.Watch;
using Vigil.Platform.Linux;

namespace Vigil.Cli.Run.Terminals;

/// <summary>
/// What a person is told of the runs, on standard error: on a terminal a line that the next one replaces, elsewhere
/// plain lines. Not thread-safe.
/// </summary>
internal sealed class RunScreen(RunPlan plan, RunTerminal? terminal)
{
    private const string ClearAll = "\u001b[H\u001b[2J\u001b[3J";
    private const string Keys = "r run, p pause, q quit, ? help";
    private const int UsualColumns = 80;
    private readonly Dictionary<string, RunResult> _results = [];
    private readonly bool _isColored = plan.Color switch
    {
        ColorChoice.Always => true,
        ColorChoice.Never => false,
        _ => Talk.IsTerminal
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") != "dumb",
    };

    private bool HasStatusLine => plan.HasStatusLine && !plan.IsQuiet && Talk.IsTerminal;

    /// <summary>Something that is told unless it should be quiet.</summary>
    public void Say(string message)
    {
        if (!plan.IsQuiet)
        {
            Talk.Error(message);
        }
    }

    /// <summary>A run begins.</summary>
    /// <param name="group">Whose.</param>
    /// <param name="cause">What started it.</param>
    /// <param name="command">Its first command.</param>
    public void Begin(GroupPlan group, string cause, CommandPlan command)
    {
        Talk.EraseProgress();
        if (plan.Clears && (Talk.IsTerminal || StandardStream.Output.IsTerminal))
        {
            _ = (StandardStream.Output.IsTerminal ? StandardStream.Output : StandardStream.Error)
                .TryWrite(Encoding.ASCII.GetBytes(ClearAll));
        }

        Say($"{Prefix(group)}{cause}: {command.Text}");
    }

    /// <summary>A run has ended.</summary>
    public void End(GroupPlan group, RunResult result)
    {
        _results[group.Name] = result;
        if (!result.IsSuccess)
        {
            Alarm(group, result);
        }

        if (!HasStatusLine)
        {
            Say($"{Prefix(group)}{result}");
        }
    }

    /// <summary>Shows how things stand, where nothing runs.</summary>
    public void ShowStatus(bool isPaused)
    {
        if (!HasStatusLine)
        {
            return;
        }

        Talk.EraseProgress();
        List<string> parts = [.. _results.Select(one => $"{(one.Key.Length > 0 ? one.Key + " " : "")}{one.Value}")];
        string text = string.Join(" | ", parts);
        if (isPaused)
        {
            text = text.Length > 0 ? text + " | paused" : "paused";
        }

        string time = DateTime.Now.ToString("HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);
        string tail = $"{(terminal is null ? "" : " | " + Keys)} | {time}";
        int room = (terminal?.Columns ?? UsualColumns) - "vigil: ".Length - 1;
        string line = text + tail;
        line = line.Length <= room ? line : line[..Math.Max(0, room)];
        bool isGood = _results.Values.All(static result => result.IsSuccess);
        int colored = Math.Min(text.Length, line.Length);
        Talk.Progress(_isColored && colored > 0
            ? $"\u001b[{(isGood ? 32 : 31)}m{line[..colored]}\u001b[0m{line[colored..]}"
            : line);
    }

    /// <summary>Says what the keys do.</summary>
    public static void ShowHelp()
    {
        Talk.Error("r, space  run now            p  pause: changes wait until p is pressed again");
        Talk.Error("q         quit               Enter  an empty line");
        Talk.Error("Ctrl-C    quit; twice: kill what still runs at once");
    }

    private static string Prefix(GroupPlan group) => group.Name.Length > 0 ? $"[{group.Name}] " : string.Empty;

    private void Alarm(GroupPlan group, RunResult result)
    {
        if (!Talk.IsTerminal)
        {
            return;
        }

        if (plan.RingsBell)
        {
            Talk.Plain("\a");
        }

        if (plan.Notifies)
        {
            Talk.Plain(DesktopNotice.Text($"{Prefix(group)}{group.Commands[^1].Text}: {result}"));
        }
    }
}
