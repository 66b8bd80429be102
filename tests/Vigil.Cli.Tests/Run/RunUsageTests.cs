using Vigil.Testing;

namespace Vigil.Cli.Tests.Run;

/// <summary>What is typed wrongly for vigil run: one clear line each, with the nearest right one.</summary>
public sealed class RunUsageTests
{
    [Theory]
    [InlineData("run", "run: no COMMAND, and no vigil.yaml here; such as vigil run -- make, or vigil init")]
    [InlineData("run --", "run: no COMMAND behind --")]
    [InlineData("run make test", "run: a COMMAND comes after --: vigil run -- make test")]
    [InlineData("run src -- make", "run: 'src' is no option; what is watched comes after -w: -w src")]
    [InlineData("run --on-bsy queue -- make", "unknown option '--on-bsy'; did you mean '--on-busy'?")]
    [InlineData("run --on-busy queu -- make", "--on-busy: unknown 'queu'; did you mean 'queue'?")]
    [InlineData("run --on-busy signal -- make", "--on-busy: 'signal' needs one: signal=HUP")]
    [InlineData("run --on-busy signal=HPU -- make", "--on-busy: unknown signal 'HPU'; did you mean 'HUP'?")]
    [InlineData("run --stop-signal 99 -- make", "--stop-signal: unknown signal '99'")]
    [InlineData("run --kill-after 5x -- make", "--kill-after: '5x' ends in an unknown unit 'x'")]
    [InlineData("run --settle -- make", "--settle needs a value: --settle TIME")]
    [InlineData("run --stdin xml -- make", "--stdin: unknown 'xml'; known are none, json, paths")]
    [InlineData("run --interactive allways -- make", "--interactive: unknown 'allways'; did you mean 'always'?")]
    [InlineData("run --ignore-regexp ( -- make", "--ignore-regexp: '(': insufficient closing parentheses (column 1)")]
    [InlineData("run --include a[ -- make", "--include: 'a[': a '[' is never closed")]
    [InlineData("run --events moved -- make", "--events: unknown kind 'moved'")]
    [InlineData("run --config x -- make", "run: a COMMAND and --config exclude each other")]
    [InlineData("run --poll 0 -- make", "--poll: '0' leaves no time")]
    [InlineData("completion", "completion: name one shell: bash, zsh or fish")]
    [InlineData("completion bsh", "completion: unknown shell 'bsh'; did you mean 'bash'?")]
    public void A_mistake_is_one_line_and_status_2(string arguments, string line) =>
        CommandRun.Of(arguments.Split(' ')).ExpectOneLine(2, line);

    [Fact]
    public void A_file_of_settings_that_is_not_there_is_an_error() =>
        CommandRun.Of("run", "--config", "/nonexistent.yaml").ExpectOneLine(1, "(ENOENT)");

    [Fact]
    public void A_path_that_is_not_there_is_an_error() =>
        CommandRun.Of("run", "-w", "/nonexistent", "--", "true").ExpectOneLine(1, "(ENOENT)");

    [Theory]
    [InlineData("no-such-command", 127, "no-such-command: there is no such command on the PATH")]
    [InlineData("./no-such", 127, "./no-such: there is no such command; check the path")]
    [InlineData("/etc", 126, "/etc: cannot be started: permission denied; it is a directory")]
    [InlineData("/etc/passwd", 126, "/etc/passwd: cannot be started: permission denied; it needs the permission")]
    [InlineData("echo hi", 127, "a line for a shell needs --shell")]
    public void A_command_that_cannot_be_started_is_told(string command, int status, string message)
    {
        CommandRun run = CommandRun.Of("run", "--quiet", "--once", "-w", "/dev/null", "--", command);
        run.ExpectOneLine(status, message);
    }

    [Theory]
    [InlineData("#!/no/such/interpreter\n", 127, "what it needs to run is not there: the interpreter")]
    [InlineData("no program", 126, "cannot be started: not a program that this machine runs")]
    public void A_file_that_is_no_program_is_told(string text, int status, string message)
    {
        using TempTree tree = TempTree.InMemory();
        string path = tree.WriteFile("program", text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        CommandRun.Of("run", "--quiet", "--once", "-w", "/dev/null", "--", path).ExpectOneLine(status, message);
    }

    [Theory]
    [InlineData("run --help")]
    [InlineData("init --help")]
    [InlineData("completion --help")]
    [InlineData("man --help")]
    public void Help_ends_with_two_examples(string arguments)
    {
        CommandRun run = CommandRun.Of(arguments.Split(' '));
        Assert.Equal(0, run.Status);
        Assert.Equal("Examples:", run.Output[^3]);
        Assert.All(run.Output, static line => Assert.True(line.Length <= 120, line));
    }

    [Fact]
    public void What_is_behind_two_dashes_is_the_commands_own()
    {
        CommandRun run = CommandRun.Of("run", "-q", "--once", "-w", "/dev/null", "--", "echo", "--help", "--", "-x");
        Assert.Equal(["--help -- -x"], run.Output);
        Assert.Equal(0, run.Status);
    }
}
