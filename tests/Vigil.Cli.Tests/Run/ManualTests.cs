using Vigil.Testing;

namespace Vigil.Cli.Tests.Run;

/// <summary>The manual page and the completions, as the programs that read them take them.</summary>
public sealed class ManualTests : IDisposable
{
    private static readonly string[] Commands = ["watch", "run", "init", "completion", "man"];
    private readonly TempTree _tree = TempTree.InMemory();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void The_manual_page_has_every_option_of_the_help_and_no_warning()
    {
        string page = _tree.WriteFile("vigil.1", string.Join('\n', CommandRun.Of("man").Output) + "\n");
        using ChildProcess man = ChildProcess.Start("man", "--warnings", "-l", page);
        Assert.Equal(0, man.WaitForExit());
        Assert.Empty(man.Errors.Lines);
        string text = string.Join('\n', man.Output.Lines);
        foreach (string option in Commands.SelectMany(Options))
        {
            Assert.Contains(option, text);
        }
    }

    [Fact]
    public void Bash_completes_commands_options_values_and_the_command_behind_two_dashes()
    {
        Save("bash");
        Assert.Equal(["run"], Bash("vigil", "ru"));
        Assert.Equal(["--on-busy"], Bash("vigil", "run", "--on-b"));
        Assert.Equal(["queue"], Bash("vigil", "run", "--on-busy", "qu"));
        Assert.Equal(["poll"], Bash("vigil", "watch", "--backend", "po"));
        Assert.Equal(["zsh"], Bash("vigil", "completion", "z"));
        Assert.Contains("setsid", Bash("vigil", "run", "-r", "--", "setsi"));
        _tree.WriteFile("some-file");
        Assert.Equal(["some-file"], Bash("vigil", "run", "-w", "some-"));
        string[] all = Bash("vigil", "run", "-");
        Assert.All(Options("run"), option => Assert.Contains(option, all));
    }

    [Fact]
    public void Zsh_takes_it()
    {
        string file = Save("zsh");
        IReadOnlyList<string> said = ChildProcess.Shell(
            $"zsh -fc 'autoload -Uz compinit; compinit -u -d {_tree.At("dump")}; source {file}; "
            + "print $_comps[vigil]; whence -w _vigil'");
        Assert.Equal(["_vigil", "_vigil: function"], said);
        string text = File.ReadAllText(file);
        Assert.All(Options("run"), option => Assert.Contains($"{option}[", text));
    }

    [Fact]
    public void Fish_completes_commands_options_and_values()
    {
        string file = Save("fish");
        Assert.Equal(["run"], Fish(file, "vigil ru"));
        Assert.Equal(["--on-busy"], Fish(file, "vigil run --on-b"));
        Assert.Equal(["queue"], Fish(file, "vigil run --on-busy qu"));
        Assert.Equal(["fish"], Fish(file, "vigil completion f"));
    }

    private static IEnumerable<string> Options(string command) => CommandRun.Of(command, "--help").Output
        .SelectMany(static line => line.Split(' ', ',', StringSplitOptions.RemoveEmptyEntries).Take(2))
        .Where(static word => word.StartsWith("--", StringComparison.Ordinal) && word.Length > 2);

    private string Save(string shell)
    {
        CommandRun run = CommandRun.Of("completion", shell);
        Assert.Equal(0, run.Status);
        return _tree.WriteFile("completion", string.Join('\n', run.Output) + "\n");
    }

    private string[] Bash(params string[] words)
    {
        string array = string.Join(' ', words.Select(static word => $"'{word}'"));
        IReadOnlyList<string> lines = ChildProcess.Shell(
            $"bash -c \"source {_tree.At("completion")}; COMP_WORDS=({array}); COMP_CWORD={words.Length - 1}; _vigil; "
            + "printf '%s\\n' \\\"\\${COMPREPLY[@]}\\\"\"",
            _tree.Path);
        return [.. lines];
    }

    // It makes directories in its home.
    private string[] Fish(string file, string line) =>
    [
        .. ChildProcess.Shell(
                $"HOME={_tree.At("home")} fish --no-config -c 'source {file}; complete -C \"{line}\"' 2>/dev/null")
            .Select(static answer => answer.Split('\t')[0]),
    ];
}
