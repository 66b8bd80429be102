using Vigil.Cli.Printing;
using Vigil.Cli.Watch;
using Vigil.Watching;

namespace Vigil.Cli.Run.Settings;

/// <summary>All settings of <c>vigil run</c>, in the order of the help and of vigil.yaml.</summary>
internal static class RunKeys
{
    /// <summary>The name of the older tool's time before the kill, whose bare numbers are milliseconds.</summary>
    public const string DelayToKill = "delayToKill";

    private static readonly string[] Inputs = ["none", "json", "paths"];
    private static readonly string[] Uses = ["auto", "always", "never"];
    private static readonly string[] Colors = ["auto", "always", "never"];

    /// <summary>The settings by what they are about.</summary>
    public static IReadOnlyList<RunKeySection> Sections { get; } =
    [
        new("What is watched", Watched()),
        new("When it runs", When()),
        new("How the command is started", How()),
        new("What is shown", Shown()),
        new("When it ends", End()),
    ];

    /// <summary>All of them.</summary>
    public static IEnumerable<RunKey> All => Sections.SelectMany(static section => section.Keys);

    /// <summary>The settings that can be said at a place.</summary>
    public static IEnumerable<RunKey> At(KeyScope scope) => All.Where(key => key.Scope >= scope);

    private static RunKey[] Watched() =>
    [
        new("watch", KeyShape.List, KeyScope.Group, "[.]", "A directory with all below it, or a single file.",
            static (s, v) => (s.Watch ??= []).Add(SettingText.Path(v))) { ValueName = "PATH", Letter = "-w" },
        new("include", KeyShape.List, KeyScope.Group, "[]", "Only what matches a pattern (syntax of gitignore).",
            static (s, v) => (s.Include ??= []).Add(SettingText.Glob(v))) { ValueName = "GLOB", Letter = "-i" },
        new("exclude", KeyShape.List, KeyScope.Group, "[]", "Neither watch nor follow what matches a pattern.",
            static (s, v) => (s.Exclude ??= []).Add(SettingText.Glob(v)))
        {
            ValueName = "GLOB", OtherNames = ["ignoreGlobs"],
        },
        new("ignoreRegExps", KeyShape.List, KeyScope.Group, "[]",
            "Ignore what a regular expression finds in the path relative to PATH.",
            static (s, v) => (s.IgnoreExpressions ??= []).Add(SettingText.Expression(v)))
        {
            ValueName = "REGEX", OptionName = "--ignore-regexp", OtherNames = ["ignoreRegExps"],
        },
        new("gitignore", KeyShape.Flag, KeyScope.Group, "true", "Obey .gitignore and .ignore files in the tree.",
            static (s, v) => s.GitIgnore = SettingText.Flag(v))
        {
            NegatedHelp = "Do not obey .gitignore and .ignore files in the tree.",
        },
        new("defaultIgnores", KeyShape.Flag, KeyScope.Group, "true",
            "Ignore .git and the like, and what editors drop.",
            static (s, v) => s.DefaultIgnores = SettingText.Flag(v))
        {
            NegatedHelp = "Follow also .git and the like, and what editors drop.",
        },
        new("recursive", KeyShape.Flag, KeyScope.Group, "true", "Watch sub-directories, too.",
            static (s, v) => s.Recursive = SettingText.Flag(v)) { NegatedHelp = "Leave sub-directories alone." },
        new("events", KeyShape.List, KeyScope.Group, "[created, modified, closed, deleted, renamed]",
            "The kinds of change that count; metadata is one more.",
            static (s, v) => s.Kinds = (s.Kinds ?? FileChangeKinds.None) | SettingText.Kind(v))
        {
            ValueName = "KIND,…", HasCommas = true, Words = KindNames.Selectable,
        },
        new("content", KeyShape.Flag, KeyScope.Group, "false",
            "Only where the content of a file really is another one.",
            static (s, v) => s.Content = SettingText.Flag(v)),
        new("backend", KeyShape.Text, KeyScope.Group, "auto", "auto, inotify or poll.",
            static (s, v) => s.Backend = SettingText.Backend(v))
        {
            ValueName = "NAME", Words = ["auto", "inotify", "poll"],
        },
        new("poll", KeyShape.Text, KeyScope.Group, "auto", "How often polled parts are compared with the disk.",
            static (s, v) => s.Poll = SettingText.PollTime(v)) { ValueName = "TIME" },
    ];

    private static RunKey[] When() =>
    [
        new("postpone", KeyShape.Flag, KeyScope.Group, "false", "Wait for the first change instead of running at once.",
            static (s, v) => s.Postpone = SettingText.Flag(v)),
        new("settle", KeyShape.Text, KeyScope.Group, "10ms", "How long the tree has to be quiet before a run.",
            static (s, v) => s.Settle = SettingText.Time(v)) { ValueName = "TIME" },
        new("onBusy", KeyShape.Text, KeyScope.Group, "queue",
            "A change during a run: queue, restart, ignore or signal=SIG.",
            static (s, v) => s.OnBusy = BusyChoice.Parse(v)) { ValueName = "MODE", Words = BusyChoice.Words },
        new("restart", KeyShape.Flag, KeyScope.Group, "false", "The same as --on-busy restart: for servers.",
            static (s, v) => s.OnBusy = SettingText.Flag(v) ? new BusyChoice(BusyMode.Restart) : s.OnBusy)
        {
            Letter = "-r",
        },
        new("stopSignal", KeyShape.Text, KeyScope.Command, "TERM", "What asks the command to end.",
            static (s, v) => s.StopSignal = SettingText.Signal(v))
        {
            ValueName = "SIG", Words = ["TERM", "INT", "HUP", "QUIT", "USR1", "USR2"],
        },
        new("killAfter", KeyShape.Text, KeyScope.Command, "1s", "How long it may take to end before it is killed.",
            static (s, v) => s.KillAfter = SettingText.Time(v)) { ValueName = "TIME" },
        new("fatalIfErr", KeyShape.Flag, KeyScope.Command, "false",
            "Of several commands, skip the rest where one fails.",
            static (s, v) => s.FatalIfError = SettingText.Flag(v)) { OtherNames = ["fatalIfErr"] },
        new("loopGuard", KeyShape.Flag, KeyScope.Group, "true",
            "Tell where a command starts itself by what it writes, and end that.",
            static (s, v) => s.LoopGuard = SettingText.Flag(v))
        {
            NegatedHelp = "Let a command start itself by what it writes.",
        },
    ];

    private static RunKey[] How() =>
    [
        new("shell", KeyShape.Text, KeyScope.Command, "none", "Let a shell run the command: sh, or another one.",
            static (s, v) => s.Shell = SettingText.Shell(v))
        {
            ValueName = "SHELL", IsValueOptional = true, Words = ["sh", "bash", "zsh", "fish", "none"],
        },
        new("stdin", KeyShape.Text, KeyScope.Group, "none", "Give the command the changes to read: json or paths.",
            static (s, v) => s.Input = SettingText.Word<InputKind>(v, Inputs)) { ValueName = "FORM", Words = Inputs },
        new("interactive", KeyShape.Text, KeyScope.Group, "auto",
            "When the command has the terminal: auto, always or never.",
            static (s, v) => s.Interactive = SettingText.Word<TerminalUse>(v, Uses))
        {
            ValueName = "WHEN", Words = Uses,
        },
    ];

    private static RunKey[] Shown() =>
    [
        new("clear", KeyShape.Flag, KeyScope.Run, "false", "Clear the terminal before each run.",
            static (s, v) => s.Clear = SettingText.Flag(v)) { Letter = "-c" },
        new("bell", KeyShape.Flag, KeyScope.Run, "false", "Ring the bell where the command fails.",
            static (s, v) => s.Bell = SettingText.Flag(v)),
        new("notify", KeyShape.Flag, KeyScope.Run, "false", "Let the terminal notify the desktop where it fails.",
            static (s, v) => s.Notify = SettingText.Flag(v)),
        new("statusLine", KeyShape.Flag, KeyScope.Run, "true", "Show the last result and the keys on a terminal.",
            static (s, v) => s.StatusLine = SettingText.Flag(v)) { NegatedHelp = "Leave the status line out." },
        new("color", KeyShape.Text, KeyScope.Run, "auto", "auto, always or never.",
            static (s, v) => s.Color = SettingText.Word<ColorChoice>(v, Colors)) { ValueName = "WHEN", Words = Colors },
        new("quiet", KeyShape.Flag, KeyScope.Run, "false", "On standard error, only what is wrong.",
            static (s, v) => s.Quiet = SettingText.Flag(v)) { Letter = "-q" },
    ];

    private static RunKey[] End() =>
    [
        new("once", KeyShape.Flag, KeyScope.Run, "false", "End after one run, with the status of the command.",
            static (s, v) => s.Once = SettingText.Flag(v)),
        new("exitOnChange", KeyShape.Flag, KeyScope.Run, "false",
            "End where a second run would begin, with the status of the first.",
            static (s, v) => s.ExitOnChange = SettingText.Flag(v)),
    ];
}
