namespace Vigil.Cli.Tests;

/// <summary>What is typed wrongly: one clear line each, with the nearest right one, and status 2.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("wach .", "unknown command 'wach'; did you mean 'watch'?")]
    [InlineData("snow", "unknown command 'snow'")]
    [InlineData("--verison", "unknown option '--verison'; did you mean '--version'?")]
    [InlineData("watch", "no PATH given; to watch the current directory: vigil watch .")]
    [InlineData("watch --json", "no PATH given")]
    [InlineData("watch --evnts created .", "unknown option '--evnts'; did you mean '--events'?")]
    [InlineData("watch . --evnts=created", "unknown option '--evnts'; did you mean '--events'?")]
    [InlineData("watch --gitingore .", "did you mean '--gitignore'?")]
    [InlineData("watch --frobnicate .", "unknown option '--frobnicate'; see vigil watch --help")]
    [InlineData("watch -x .", "unknown option '-x'; see vigil watch --help")]
    [InlineData("watch -qx .", "unknown option '-x'; see vigil watch --help")]
    [InlineData("watch --json=yes .", "--json takes no value; write --json alone")]
    [InlineData("watch . --count", "--count needs a value: --count N")]
    [InlineData("watch --count 1 --count 2 .", "--count is given 2 times; once is enough")]
    [InlineData("watch --count 0 .", "--count: '0' is not a number of changes")]
    [InlineData("watch --count many .", "--count: 'many' is not a number of changes")]
    [InlineData("watch --settle 5x .", "--settle: '5x' ends in an unknown unit 'x'")]
    [InlineData("watch --timeout soon .", "--timeout: 'soon' is not a time")]
    [InlineData("watch --poll 0 .", "--poll: '0' leaves no time")]
    [InlineData("watch --events creatd .", "--events: unknown kind 'creatd'; did you mean 'created'?")]
    [InlineData("watch --events created,,closed .", "--events: an empty word in 'created,,closed'")]
    [InlineData("watch --events moved .", "--events: unknown kind 'moved'; known are created, modified")]
    [InlineData("watch --raw --events IN_CREAT .", "unknown kernel event 'IN_CREAT'; did you mean 'IN_CREATE'?")]
    [InlineData("watch --raw --events ONESHOT .", "no event among them, flags only")]
    [InlineData("watch --raw --settle 1s .", "--settle has no meaning with --raw")]
    [InlineData("watch --raw --include a .", "--include has no meaning with --raw")]
    [InlineData("watch --json --format %f .", "--json and --format exclude each other")]
    [InlineData("watch --json -0 .", "--json and --null exclude each other")]
    [InlineData("watch --poll 1us .", "--poll: '1us' leaves no time")]
    [InlineData("watch --events overflowed .", "'overflowed' is always told; choose among created,")]
    [InlineData("watch --exclude a[ nope", "--exclude 'a[': a '[' is never closed; write \\[ for a bracket (column 2)")]
    [InlineData("-- watch", "'watch' comes before --")]
    [InlineData("watch --format %x .", "--format: unknown conversion '%x'")]
    [InlineData("watch --backend fanotify .", "--backend fanotify: not yet; use inotify, poll or auto")]
    [InlineData("watch --backend inotfy .", "--backend: unknown 'inotfy'; did you mean 'inotify'?")]
    [InlineData("watch --color sometimes .", "--color: unknown 'sometimes'; known are auto, always, never")]
    public void A_mistake_is_one_line_and_status_2(string arguments, string line) =>
        CommandRun.Of(arguments.Split(' ')).ExpectOneLine(2, line);

    [Fact]
    public void An_empty_path_is_wrong_usage() => CommandRun.Of("watch", "").ExpectOneLine(2, "a PATH is empty");

    [Theory]
    [InlineData("--help")]
    [InlineData("watch --help")]
    [InlineData("watch . --help --no-such")]
    public void Help_goes_to_standard_output_and_ends_with_two_examples(string arguments)
    {
        CommandRun run = CommandRun.Of(arguments.Split(' '));
        Assert.Equal(0, run.Status);
        Assert.Empty(run.Errors);
        Assert.Equal("Examples:", run.Output[^3]);
        Assert.All(run.Output.TakeLast(2), static line => Assert.StartsWith("  vigil ", line));
        Assert.All(run.Output, static line => Assert.True(line.Length <= 120, line));
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("watch --version")]
    public void The_version_is_told(string arguments)
    {
        CommandRun run = CommandRun.Of(arguments.Split(' '));
        Assert.Equal(0, run.Status);
        Assert.Matches(@"^vigil \d+\.\d+\.\d+$", Assert.Single(run.Output));
    }

    [Fact]
    public void No_command_shows_the_help_and_is_no_success()
    {
        CommandRun run = CommandRun.Of();
        Assert.Equal(2, run.Status);
        Assert.Empty(run.Output);
        Assert.Contains("Usage: vigil COMMAND [OPTIONS]", run.Errors);
    }
}
