using Vigil.Cli.Run.Config;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Cli.Run.Settings;

/// <summary>
/// Puts together what was said in several places: what is narrower wins, and the command line over everything.
/// </summary>
internal static class RunPlanner
{
    private const FileChangeKinds UsualKinds = FileChangeKinds.All & ~FileChangeKinds.Metadata;
    private const int DefaultSettleMs = 10;
    private const int DefaultKillAfterMs = 1000;

    /// <summary>The plan of a command that was typed.</summary>
    public static RunPlan ForCommand(RunSettings said, IReadOnlyList<string> words) =>
        Whole(said, [Group(string.Empty, said, [Command(words, said)])]);

    /// <summary>The plan of a vigil.yaml.</summary>
    /// <param name="said">What the command line says.</param>
    /// <param name="config">The file.</param>
    /// <param name="names">The groups to run; all where there are none.</param>
    /// <exception cref="UsageException">There is no such group.</exception>
    public static RunPlan ForConfig(RunSettings said, RunConfig config, IReadOnlyList<string> names)
    {
        List<string> known = [.. config.Groups.Select(static group => group.Name)];
        foreach (string name in names)
        {
            if (!known.Contains(name))
            {
                throw new UsageException(
                    $"run: no group '{name}' in {config.Path}{Suggestions.For(name, known)}; "
                    + "a command comes after --: vigil run -- …");
            }
        }

        RunSettings whole = said.Over(config.Settings);
        return Whole(whole,
        [
            .. from @group in config.Groups
            where names.Count == 0 || names.Contains(@group.Name)
            let settings = said.Over(@group.Settings.Over(config.Settings))
            select Group(@group.Name, settings,
            [
                .. from command in @group.Commands
                   let own = said.Over(command.Settings.Over(settings))
                   select Command(command.WordsFor(own.Shell ?? string.Empty), own),
            ]),
        ]);
    }

    private static RunPlan Whole(RunSettings said, IReadOnlyList<GroupPlan> groups) => new()
    {
        Groups = groups,
        Clears = said.Clear ?? false,
        RingsBell = said.Bell ?? false,
        Notifies = said.Notify ?? false,
        HasStatusLine = said.StatusLine ?? true,
        Color = said.Color ?? default,
        IsQuiet = said.Quiet ?? false,
        IsOnce = said.Once ?? false,
        EndsOnChange = said.ExitOnChange ?? false,
    };

    private static GroupPlan Group(string name, RunSettings said, IReadOnlyList<CommandPlan> commands) => new()
    {
        Name = name,
        Commands = commands,
        Watch = said.Watch ?? ["."],
        Include = said.Include ?? [],
        Exclude = said.Exclude ?? [],
        IgnoreExpressions = said.IgnoreExpressions ?? [],
        ObeysIgnoreFiles = said.GitIgnore ?? true,
        HasDefaultIgnores = said.DefaultIgnores ?? true,
        IsRecursive = said.Recursive ?? true,
        Kinds = said.Kinds ?? UsualKinds,
        ComparesContent = said.Content ?? false,
        Backend = said.Backend ?? WatchBackend.Auto,
        Poll = said.Poll ?? TimeSpan.Zero,
        IsPostponed = said.Postpone ?? false,
        Settle = said.Settle ?? TimeSpan.FromMilliseconds(DefaultSettleMs),
        OnBusy = said.OnBusy ?? default,
        HasLoopGuard = said.LoopGuard ?? true,
        Input = said.Input ?? default,
        Interactive = said.Interactive ?? default,
    };

    private static CommandPlan Command(IReadOnlyList<string> words, RunSettings said)
    {
        string shell = said.Shell ?? string.Empty;
        return new CommandPlan
        {
            Words = words,
            Shell = shell,
            StopSignal = said.StopSignal ?? SignalNumber.SIGTERM,
            KillAfter = said.KillAfter ?? TimeSpan.FromMilliseconds(DefaultKillAfterMs),
            IsFatalIfError = said.FatalIfError ?? false,
        };
    }
}
