using System.Text.RegularExpressions;
using Vigil.Cli.Watch;
using Vigil.Watching;

namespace Vigil.Cli.Run.Settings;

/// <summary>
/// What was said in one place: on the command line, at the top of vigil.yaml, in a group or with a command. Null is
/// what nothing was said about.
/// </summary>
internal sealed class RunSettings
{
    public List<string>? Watch { get; set; }

    public List<string>? Include { get; set; }

    public List<string>? Exclude { get; set; }

    public List<Regex>? IgnoreExpressions { get; set; }

    public bool? GitIgnore { get; set; }

    public bool? DefaultIgnores { get; set; }

    public bool? Recursive { get; set; }

    public FileChangeKinds? Kinds { get; set; }

    public bool? Content { get; set; }

    public WatchBackend? Backend { get; set; }

    public TimeSpan? Poll { get; set; }

    public bool? Postpone { get; set; }

    public TimeSpan? Settle { get; set; }

    public BusyChoice? OnBusy { get; set; }

    public int? StopSignal { get; set; }

    public TimeSpan? KillAfter { get; set; }

    public bool? FatalIfError { get; set; }

    public bool? LoopGuard { get; set; }

    public string? Shell { get; set; }

    public InputKind? Input { get; set; }

    public TerminalUse? Interactive { get; set; }

    public bool? Clear { get; set; }

    public bool? Bell { get; set; }

    public bool? Notify { get; set; }

    public bool? StatusLine { get; set; }

    public ColorChoice? Color { get; set; }

    public bool? Quiet { get; set; }

    public bool? Once { get; set; }

    public bool? ExitOnChange { get; set; }

    /// <summary>What was said here, and for the rest what was said in a wider place.</summary>
    public RunSettings Over(RunSettings wider) => new()
    {
        Watch = Watch ?? wider.Watch,
        Include = Include ?? wider.Include,
        Exclude = Exclude ?? wider.Exclude,
        IgnoreExpressions = IgnoreExpressions ?? wider.IgnoreExpressions,
        GitIgnore = GitIgnore ?? wider.GitIgnore,
        DefaultIgnores = DefaultIgnores ?? wider.DefaultIgnores,
        Recursive = Recursive ?? wider.Recursive,
        Kinds = Kinds ?? wider.Kinds,
        Content = Content ?? wider.Content,
        Backend = Backend ?? wider.Backend,
        Poll = Poll ?? wider.Poll,
        Postpone = Postpone ?? wider.Postpone,
        Settle = Settle ?? wider.Settle,
        OnBusy = OnBusy ?? wider.OnBusy,
        StopSignal = StopSignal ?? wider.StopSignal,
        KillAfter = KillAfter ?? wider.KillAfter,
        FatalIfError = FatalIfError ?? wider.FatalIfError,
        LoopGuard = LoopGuard ?? wider.LoopGuard,
        Shell = Shell ?? wider.Shell,
        Input = Input ?? wider.Input,
        Interactive = Interactive ?? wider.Interactive,
        Clear = Clear ?? wider.Clear,
        Bell = Bell ?? wider.Bell,
        Notify = Notify ?? wider.Notify,
        StatusLine = StatusLine ?? wider.StatusLine,
        Color = Color ?? wider.Color,
        Quiet = Quiet ?? wider.Quiet,
        Once = Once ?? wider.Once,
        ExitOnChange = ExitOnChange ?? wider.ExitOnChange,
    };
}
