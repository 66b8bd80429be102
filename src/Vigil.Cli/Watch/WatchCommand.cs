using System.CommandLine;

namespace Vigil.Cli.Watch;

/// <summary>The definition of <c>vigil watch</c>: its options, in the groups that its help shows.</summary>
internal sealed class WatchCommand : Command
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

    public Option<string[]> Events { get; } = Repeated(
        "--events", "KIND,…", "Tell only these kinds: created, modified, closed, metadata, deleted, renamed.", "-e");

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

    public Option<string> Backend { get; } = Valued(
        "--backend", "NAME", "auto, inotify, poll (fanotify: not yet).");

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

    public Option<string> Color { get; } = Valued("--color", "WHEN", "auto, always or never.");

    public Option<bool> Quiet { get; } = Flag("--quiet", "On standard error, only what is wrong.", "-q");

    /// <summary>The options as the help shows them.</summary>
    public IReadOnlyList<OptionGroup> Groups =>
        _groups ??=
        [
            new("What is watched", [Include, Exclude, GitIgnore, NoRecursive, OneFileSystem, Backend, Poll, Wait]),
            new("What is told", [Events, Initial, Settle, Raw]),
            new("How it is printed", [Json, Format, Null, Relative, Color, Quiet]),
            new("When it ends", [Count, Timeout]),
        ];

    /// <summary>The options that mean nothing for the kernel's own events.</summary>
    public IReadOnlyList<Option> TreeOnly =>
    [
        Include, Exclude, GitIgnore, NoRecursive, OneFileSystem, Backend, Poll, Wait, Initial, Settle, Format,
    ];

    private IReadOnlyList<OptionGroup>? _groups;

    // Without an argument of its own: a bool would take a PATH called "true" for its value.
    private static Option<bool> Flag(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, Arity = ArgumentArity.Zero };

    private static Option<string> Valued(string name, string helpName, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = helpName, Arity = ArgumentArity.ExactlyOne };

    private static Option<string[]> Repeated(
        string name, string helpName, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = helpName, Arity = ArgumentArity.OneOrMore };
}
