using System.CommandLine;
using Vigil.Cli.Printing;

namespace Vigil.Cli.Watch;

/// <summary>The definition of <c>vigil watch</c>: its options, in the groups that its help shows.</summary>
internal sealed class WatchCommand : VigilCommand
{
    public WatchCommand()
        : base("watch", "Watch file trees and print every change until Ctrl-C.")
    {
        Arguments.Add(Paths);
        foreach (OptionGroup group in Groups)
        {
            foreach (Option option in group.Options)
            {
                Options.Add(option);
            }
        }
    }

    public Argument<string[]> Paths { get; } = new("PATH")
    {
        Description = "A directory with all below it, or a single file.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public Option<string[]> Events { get; } = Of(
        Repeated(
            "--events", "KIND,…",
            "Tell only these kinds: created, modified, closed, metadata, deleted, renamed.", "-e"),
        KindNames.Selectable);

    public Option<string[]> Include { get; } = Repeated(
        "--include", "GLOB", "Tell only what matches a pattern (syntax of gitignore).");

    public Option<string[]> Exclude { get; } = Repeated(
        "--exclude", "GLOB", "Neither watch nor tell what matches a pattern.");

    public Option<bool> GitIgnore { get; } = Flag(
        "--gitignore", "Obey the .gitignore and .ignore files in the tree, and leave .git out.");

    public Option<bool> NoRecursive { get; } = Flag("--no-recursive", "Leave sub-directories alone.");

    public Option<bool> OneFileSystem { get; } = Flag("--one-file-system", "Leave other file systems alone.");

    public Option<bool> Initial { get; } = Flag("--initial", "Tell first what is there at the start, as created.");

    public Option<string> Settle { get; } = Valued(
        "--settle", "TIME", "Tell one change for a path, once it has been quiet that long.");

    public Option<string> Count { get; } = Valued("--count", "N", "End after N changes.", "-n");

    public Option<string> Timeout { get; } = Valued("--timeout", "TIME", "End after that time, with status 3.", "-t");

    public Option<bool> Wait { get; } = Flag("--wait", "Wait for a PATH that is not there (any more).");

    public Option<string> Backend { get; } = Of(
        Valued("--backend", "NAME", "auto, inotify, poll (fanotify: not yet)."), "auto", "inotify", "poll");

    public Option<string> Poll { get; } = Valued(
        "--poll", "TIME", "How often polled parts are compared with the disk.");

    public Option<bool> Raw { get; } = Flag(
        "--raw", "Show the kernel's inotify events for exactly the PATHs; --events takes kernel names.");

    public Option<bool> Json { get; } = Flag("--json", "Print JSON Lines, one object a line.");

    public Option<string> Format { get; } = Valued(
        "--format", "FMT", "Print FMT for each change: %w %f %e %o %T %0 %n, as inotifywait.");

    public Option<bool> Null { get; } = Flag("--null", "End each record with NUL and tell names as they are.", "-0");

    public Option<bool> Relative { get; } = Flag(
        "--relative", "Paths relative to the current directory; without --json they are.");

    public Option<string> Color { get; } = Of(
        Valued("--color", "WHEN", "auto, always or never."), "auto", "always", "never");

    public Option<bool> Quiet { get; } = Flag("--quiet", "On standard error, only what is wrong.", "-q");

    /// <summary>The options as the help shows them.</summary>
    public override IReadOnlyList<OptionGroup> Groups =>
        _groups ??=
        [
            new("What is watched", [Include, Exclude, GitIgnore, NoRecursive, OneFileSystem, Backend, Poll, Wait]),
            new("What is told", [Events, Initial, Settle, Raw]),
            new("How it is printed", [Json, Format, Null, Relative, Color, Quiet]),
            new("When it ends", [Count, Timeout]),
        ];

    public override string Usage => "watch [OPTIONS] PATH...";

    public override IReadOnlyList<(string Name, string Description)> Operands => [("PATH", Paths.Description!)];

    public override IReadOnlyList<string> Notes =>
    [
        "A TIME is a number and a unit: 50ms, 2s, 1.5s, 1m. A bare number is seconds.",
        "Status: 0 stopped or finished, 1 an error, 2 wrong usage, 3 the time of --timeout is over.",
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "vigil watch --gitignore --settle 50ms src",
        "vigil watch --json --events created,renamed --count 1 --timeout 10s inbox",
    ];

    public override bool TakesFiles => true;

    /// <summary>The options that mean nothing for the kernel's own events.</summary>
    public IReadOnlyList<Option> TreeOnly =>
    [
        Include, Exclude, GitIgnore, NoRecursive, OneFileSystem, Backend, Poll, Wait, Initial, Settle, Format,
    ];

    private IReadOnlyList<OptionGroup>? _groups;

    public override int Execute(ParseResult result, IReadOnlyList<string>? behind)
    {
        WatchOptions options = new WatchOptionsReader(this, result).Read();
        using SessionEnd end = new(options.Timeout);
        WatchedPaths paths = new(options, end);
        if (paths.IsEmpty)
        {
            return ExitStatus.Error;
        }

        return options.IsRaw ? new RawSession(options, paths, end).Run() : new TreeSession(options, paths, end).Run();
    }
}
