using System.CommandLine;
using System.CommandLine.Parsing;
using Vigil.Cli.Run.Config;
using Vigil.Cli.Run.Settings;
using Vigil.Cli.Watch;

namespace Vigil.Cli.Run;

/// <summary>The definition of <c>vigil run</c>: its options are the settings of <see cref="RunKeys"/>.</summary>
internal sealed class RunCommand : VigilCommand
{
    /// <summary>Its name.</summary>
    public const string CommandName = "run";

    private readonly Argument<string[]> _names = new("GROUP") { Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string> _config = Valued("--config", "FILE", "Read FILE in place of vigil.yaml.");
    private readonly Option<string> _delay = Valued("--" + RunKeys.DelayToKill, "MS", "As --kill-after.");
    private readonly Dictionary<RunKey, Option> _options = [];
    private readonly List<OptionGroup> _groups = [];

    public RunCommand()
        : base(CommandName, "Run commands when files change.")
    {
        Arguments.Add(_names);
        foreach (RunKeySection section in RunKeys.Sections)
        {
            foreach (RunKey key in section.Keys)
            {
                _options[key] = key.CreateOption();
                Options.Add(_options[key]);
            }

            _groups.Add(new OptionGroup(section.Title, [.. section.Keys.Select(key => _options[key])]));
        }

        Options.Add(_config);
        Options.Add(_delay);
        _groups.Add(new OptionGroup("Where it stands", [_config]));
    }

    public override string Usage =>
        "run [OPTIONS] [-w PATH]... -- COMMAND [ARGS...]\n       vigil run [OPTIONS] [GROUP]...";

    public override IReadOnlyList<(string Name, string Description)> Operands =>
    [
        ("COMMAND", "What runs; {path}, {relative} and {kind} in its words stand for each change."),
        ("GROUP", "Without a COMMAND: the groups of vigil.yaml to run; all of them where none is named."),
    ];

    public override IReadOnlyList<OptionGroup> Groups => _groups;

    public override IReadOnlyList<string> Notes =>
    [
        "A TIME is a number and a unit: 50ms, 2s, 1.5s, 1m. A bare number is seconds.",
        "The command finds the changes in the file $VIGIL_CHANGES, as JSON Lines.",
        "On a terminal: r runs now, p pauses, q quits, ? shows all keys.",
        "Status: 0 stopped, 1 an error, 2 wrong usage; with --once and --exit-on-change that of the command.",
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "vigil run -i '*.cs' -- dotnet test",
        "vigil run -r -w src -- python3 -m http.server 8000",
    ];

    public override int Execute(ParseResult result, IReadOnlyList<string>? behind)
    {
        RunSettings said = Read(result);
        RunPlan? plan = Plan(result, said, behind);
        int status = ExitStatus.Success;
        while (plan is not null)
        {
            using RunSession session = new(plan);
            status = session.Run();
            plan = session.Next;
        }

        return status;
    }

    private RunPlan Plan(ParseResult result, RunSettings said, IReadOnlyList<string>? behind)
    {
        string[] names = [.. (result.GetResult(_names)?.Tokens ?? []).Select(static token => token.Value)];
        string? file = Value(result, _config);
        if (behind is { Count: > 0 })
        {
            if (names.Length > 0)
            {
                throw new UsageException(
                    $"run: '{names[0]}' is no option; what is watched comes after -w: -w {names[0]}");
            }

            if (file is not null)
            {
                throw new UsageException("run: a COMMAND and --config exclude each other; choose one");
            }

            return behind[0].Length > 0
                ? RunPlanner.ForCommand(said, said.Shell is { Length: > 0 } ? [string.Join(' ', behind)] : behind)
                : throw new UsageException("run: the COMMAND is empty");
        }

        if (behind is not null)
        {
            throw new UsageException("run: no COMMAND behind --; such as vigil run -- make");
        }

        if (file is null && !File.Exists(ConfigFile.UsualName))
        {
            throw new UsageException(names.Length > 0
                ? $"run: a COMMAND comes after --: vigil run -- {string.Join(' ', names)}"
                : $"run: no COMMAND, and no {ConfigFile.UsualName} here; such as vigil run -- make, or vigil init");
        }

        return new ConfigSource(said, file ?? ConfigFile.UsualName, names).Read();
    }

    private RunSettings Read(ParseResult result)
    {
        RunSettings said = new();
        foreach ((RunKey key, Option option) in _options)
        {
            if (result.GetResult(option) is not OptionResult { Implicit: false } found)
            {
                continue;
            }

            if (key.Shape == KeyShape.Flag)
            {
                key.Set(said, key.Default == "true" ? "false" : "true");
                continue;
            }

            foreach (Token token in found.Tokens)
            {
                string[] values =
                    key.HasCommas ? token.Value.Split(',', StringSplitOptions.TrimEntries) : [token.Value];
                foreach (string value in values)
                {
                    Set(option.Name, value, text => key.Set(said, text));
                }
            }

            if (found.Tokens.Count == 0)
            {
                key.Set(said, "true");
            }
        }

        if (Value(result, _delay) is { } delay)
        {
            Set(_delay.Name, delay, text => said.KillAfter = SettingText.Milliseconds(text));
        }

        return said;
    }

    private static void Set(string name, string value, Action<string> set)
    {
        try
        {
            set(value);
        }
        catch (UsageException e)
        {
            throw new UsageException($"{name}: {e.Message}");
        }
    }

    private static string? Value(ParseResult result, Option option) =>
        result.GetResult(option) is { Tokens: [Token token, ..] } ? token.Value : null;
}
