using System.Text.Json;
using Vigil.Testing;

namespace Vigil.Cli.Tests.Run;

/// <summary>vigil.yaml: groups, sequences, and what is wrong with it.</summary>
public sealed class ConfigTests : IDisposable
{
    private readonly RunProject _project = new();

    public void Dispose() => _project.Dispose();

    [Theory]
    [InlineData("commands: [make]\nonBsy: queue", ":2:1: unknown key 'onBsy'; did you mean 'onBusy'?")]
    [InlineData("comands: [make]", ":1:1: unknown key 'comands'; did you mean 'commands'?")]
    [InlineData("commands:\n  - command: make\n    settel: 1s", ":3:5: unknown key 'settel'")]
    [InlineData("commands:\n  - command: make\n    settle: 1s", ":3:5: 'settle' is for the whole group; move it up")]
    [InlineData("groups:\n  a:\n    commands: [make]\n    clear: true", ":4:5: 'clear' is for the whole run")]
    [InlineData("commands: [make]\nsettle: [1s]", ":2:9: settle: expected one value, found a list")]
    [InlineData("commands: [make]\npostpone: maybe", ":2:11: postpone: 'maybe' is neither true nor false")]
    [InlineData("commands: [make]\nsettle: 5x", ":2:9: settle: '5x' ends in an unknown unit 'x'")]
    [InlineData("commands: [make]\nonBusy: queu", ":2:9: onBusy: unknown 'queu'; did you mean 'queue'?")]
    [InlineData("commands: [make]\nonBusy: signal=TREM", "onBusy: unknown signal 'TREM'; did you mean 'TERM'?")]
    [InlineData("commands: [make]\nignoreRegExps: ['a', '(b']", ":2:22: ignoreRegExps: '(b': ")]
    [InlineData("commands: [make]\ninclude: ['a[']", ":2:11: include: 'a[': a '[' is never closed")]
    [InlineData("commands: [make]\nevents: [creatd]", "events: unknown kind 'creatd'; did you mean 'created'?")]
    [InlineData("commands: [make]\ngroups: {a: {commands: [x]}}", "commands stand beside groups")]
    [InlineData("settle: 1s", ":1:1: nothing to run")]
    [InlineData("groups:\n  a: {settle: 1s}", ":2:3: group a has nothing to run")]
    [InlineData("commands:\n  - make && make test", ":2:5: '&&' needs a shell; add shell: sh")]
    [InlineData("commands:\n  - {fatalIfErr: true}", ":2:5: a command without words")]
    [InlineData("commands: [make]\nsettle: 1s\nsettle: 2s", ":3:1: duplicate key")]
    [InlineData("commands: [make", ":1:")]
    [InlineData("commands:\n\t- make", ":2:1: while scanning a mapping, found invalid tab")]
    [InlineData("- make", ":1:1: expected settings such as commands: [make]")]
    [InlineData("", "it says nothing")]
    public void A_mistake_is_told_with_its_place(string text, string message)
    {
        _project.Write("vigil.yaml", text);
        CommandRun run = CommandRun.In(_project.Root, "run");
        run.ExpectOneLine(2, message);
        Assert.StartsWith("vigil: vigil.yaml", run.Errors[0]);
    }

    [Fact]
    public void Groups_have_files_and_commands_of_their_own()
    {
        _project.Write(
            "vigil.yaml",
            """
            postpone: true
            groups:
              code:
                include: ["*.cs"]
                commands: [[sh, -c, "echo code >> $LOG"]]
              styles:
                include: ["*.css"]
                shell: sh
                commands:
                  - echo "styles $VIGIL_GROUP" >> $LOG
            """);
        using ChildProcess run = _project.Start();
        _ = run.Errors.WaitForLine(static line => line.Contains("ready in"), "a watcher to be ready");
        _ = run.Errors.WaitForLine(static line => line.Contains("ready in"), "the other to be ready");
        _project.Write("a.css");
        _project.WaitForRuns(1);
        _project.Write("a.cs");
        Assert.Equal(["styles styles", "code"], _project.WaitForRuns(2));
        _project.End(run);
        using ChildProcess one = _project.Start("--once", "code");
        _ = one.Errors.WaitForLine(static line => line.Contains("ready in"), "the watcher to be ready");
        _project.Write("b.cs");
        Assert.Equal(0, one.WaitForExit());
        Assert.DoesNotContain(one.Errors.Lines, static line => line.Contains("styles"));
        CommandRun.In(_project.Root, "run", "cod")
            .ExpectOneLine(2, "no group 'cod' in vigil.yaml; did you mean 'code'?");
    }

    [Theory]
    [InlineData("fatalIfErr: true", "1")]
    [InlineData("fatalIfErr: false", "1 2")]
    [InlineData("fatal-if-err: true", "1")]
    public void A_sequence_goes_on_or_not(string setting, string lines)
    {
        _project.Write(
            "vigil.yaml",
            $"{setting}\nshell: sh\ncommands:\n  - echo 1 >> $LOG; exit 5\n  - echo 2 >> $LOG; exit 6\n");
        CommandRun run = End(_project.Start("--once"));
        Assert.Equal(lines.Length > 1 ? 6 : 5, run.Status);
        Assert.Equal(lines.Split(' '), _project.Log);
    }

    [Fact]
    public void A_command_says_otherwise_than_the_whole_with_the_older_names()
    {
        _project.Write(
            "wrun.json",
            """
            {
              "delayToKill": 60000, "fatalIfErr": true, "ignoreRegExps": ["^out$"],
              "cmds": [
                { "terms": ["sh", "-c", "echo first >> $LOG; exit 1"], "fatalIfErr": false },
                { "terms": ["sh", "-c", "trap '' TERM; echo second >> $LOG; sleep 1000 & wait; wait"],
                  "delayToKill": 20 }
              ]
            }
            """);
        using ChildProcess run = _project.Start("--config", "wrun.json");
        Assert.Equal(["first", "second"], _project.WaitForRuns(2));
        _project.End(run);
    }

    [Fact]
    public void Another_file_is_taken_up_while_it_runs()
    {
        const string Text = "commands: [[sh, -c, 'echo first >> $LOG; while :; do sleep 0.01; done', $TOKEN]]\n";
        _project.Write("vigil.yaml", Text);
        using ChildProcess run = _project.Start();
        Assert.Equal(["first"], _project.WaitForRuns(1));

        _project.Write("vigil.yaml", "commands: [true]\nsetle: 1s\n");
        _ = run.Errors.WaitForLine(
            static line => line.Contains("vigil.yaml:2:1: unknown key 'setle'; did you mean 'settle'?; going on"),
            "the mistake to be told");
        File.WriteAllText(_project.Beside("new"), Text.Replace("first", "second"));
        File.Move(_project.Beside("new"), _project.At("vigil.yaml"), overwrite: true);
        _ = run.Errors.WaitForLine(static line => line.Contains("vigil.yaml has changed"), "the file to be noticed");
        Assert.Equal(["first", "second"], _project.WaitForRuns(2));
        _project.End(run);
        Assert.Equal(["first", "second"], _project.Log);
    }

    [Fact]
    public void What_is_typed_wins_over_the_file()
    {
        _project.Write("vigil.yaml", "postpone: true\nsettle: 1h\ncommands: [[sh, -c, 'echo run >> $LOG']]");
        using ChildProcess run = _project.Start("--settle", "10ms");
        _ = run.Errors.WaitForLine(static line => line.Contains("ready in"), "the watcher to be ready");
        _project.Write("a");
        _project.WaitForRuns(1);
        _project.End(run);
    }

    [Fact]
    public void Init_writes_every_setting_at_its_default()
    {
        CommandRun init = CommandRun.In(_project.Root, "init");
        Assert.Equal(["vigil.yaml", "vigil.schema.json"], init.Output);
        string[] lines = File.ReadAllLines(_project.At("vigil.yaml"));
        JsonElement schema = JsonDocument.Parse(File.ReadAllText(_project.At("vigil.schema.json"))).RootElement;
        foreach (JsonProperty setting in schema.GetProperty("properties").EnumerateObject())
        {
            int at = Array.FindIndex(
                lines, line => line.StartsWith(setting.Name + ":") || line == $"# {setting.Name}:");
            Assert.True(at > 0 && lines[at - 1].StartsWith('#'), setting.Name);
        }

        CommandRun run = End(_project.Start("--once"));
        Assert.Equal(["changed"], run.Output);
        Assert.Equal(0, run.Status);
        CommandRun.In(_project.Root, "init").ExpectOneLine(1, "vigil.yaml is there already");
    }

    private static CommandRun End(ChildProcess process)
    {
        using (process)
        {
            return CommandRun.End(process);
        }
    }
}
