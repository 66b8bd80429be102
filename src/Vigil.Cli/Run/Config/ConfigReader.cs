using Vigil.Cli.Run.Settings;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Vigil.Cli.Run.Config;

/// <summary>
/// Turns the nodes of a vigil.yaml into settings. A key that is not known, a value of a wrong type and a value that
/// means nothing are told with line, column and the nearest right one.
/// </summary>
internal sealed class ConfigReader(ConfigFile file)
{
    private static readonly string[] CommandNames = ["commands", "cmds"];
    private static readonly string[] WordNames = ["command", "terms"];
    private const string GroupsName = "groups";
    private const string SchemaName = "$schema";

    /// <summary>Reads all of it.</summary>
    /// <exception cref="UsageException">Something is wrong.</exception>
    public RunConfig Read()
    {
        YamlMappingNode map = file.Read();
        List<ConfigCommand>? commands = null;
        List<ConfigGroup>? groups = null;
        RunSettings settings = ReadMap(map, KeyScope.Run, (key, name, value) =>
        {
            if (CommandNames.Contains(name))
            {
                commands = ReadCommands(value);
            }
            else if (name == GroupsName)
            {
                groups = ReadGroups(value);
            }
            else
            {
                return name == SchemaName;
            }

            return true;
        });

        if (commands is { } && groups is { })
        {
            throw file.Wrong(map, "commands stand beside groups; give them a group, too");
        }

        groups ??= commands is null ? [] : [new ConfigGroup(string.Empty, new RunSettings(), commands)];
        return groups.Count > 0
            ? new RunConfig(file.Path, settings, groups)
            : throw file.Wrong(map, "nothing to run; add commands: [make], or groups");
    }

    private List<ConfigGroup> ReadGroups(YamlNode node)
    {
        if (node is not YamlMappingNode map)
        {
            throw file.Wrong(node, "groups: expected names with settings, such as tests: {commands: [make test]}");
        }

        List<ConfigGroup> groups = [];
        foreach ((YamlNode key, YamlNode value) in map.Children)
        {
            if (value is not YamlMappingNode settings)
            {
                throw file.Wrong(value, $"group {Text(key)}: expected settings such as commands: [make]");
            }

            List<ConfigCommand>? commands = null;
            RunSettings said = ReadMap(settings, KeyScope.Group, (_, name, inner) =>
            {
                if (!CommandNames.Contains(name))
                {
                    return false;
                }

                commands = ReadCommands(inner);
                return true;
            });
            groups.Add(commands is { Count: > 0 }
                ? new ConfigGroup(Text(key), said, commands)
                : throw file.Wrong(key, $"group {Text(key)} has nothing to run; add commands: [make]"));
        }

        return groups;
    }

    private List<ConfigCommand> ReadCommands(YamlNode node)
    {
        IEnumerable<YamlNode> items = node is YamlSequenceNode list ? list.Children : [node];
        return [.. items.Select(ReadCommand)];
    }

    private ConfigCommand ReadCommand(YamlNode node)
    {
        switch (node)
        {
            case YamlScalarNode or YamlSequenceNode:
                return ReadWords(node, new RunSettings());
            case YamlMappingNode map:
                YamlNode? words = null;
                RunSettings said = ReadMap(map, KeyScope.Command, (_, name, value) =>
                {
                    words = WordNames.Contains(name) ? value : words;
                    return WordNames.Contains(name);
                });
                return words is null
                    ? throw file.Wrong(map, "a command without words; add command: make, or command: [make, all]")
                    : ReadWords(words, said);
            default:
                throw file.Wrong(node, "expected a command, such as make or [make, all]");
        }
    }

    private ConfigCommand ReadWords(YamlNode node, RunSettings said)
    {
        if (node is YamlSequenceNode list)
        {
            List<string> words = [.. list.Children.Select(Text)];
            return words.Count > 0
                ? new ConfigCommand(words, IsLine: false, file.Place(node), said)
                : throw file.Wrong(node, "a command is empty");
        }

        string line = Text(node);
        return line.Trim().Length > 0
            ? new ConfigCommand([line], IsLine: true, file.Place(node), said)
            : throw file.Wrong(node, "a command is empty");
    }

    // What the caller does not take is looked up among the settings.
    private RunSettings ReadMap(YamlMappingNode map, KeyScope scope, Func<YamlNode, string, YamlNode, bool> take)
    {
        RunSettings settings = new();
        foreach ((YamlNode key, YamlNode value) in map.Children)
        {
            string name = Text(key);
            if (take(key, name, value))
            {
                continue;
            }

            if (scope <= KeyScope.Command && IsDelay(name))
            {
                SetOne(name, value, text => settings.KillAfter = SettingText.Milliseconds(text));
                continue;
            }

            RunKey? known = RunKeys.All.FirstOrDefault(one => one.IsNamed(name));
            if (known is null || known.Scope < scope)
            {
                throw file.Wrong(key, known is null
                    ? $"unknown key '{name}'{Suggestions.For(name, NamesAt(scope), listOtherwise: false)}"
                    : $"'{known.Name}' is for the whole {(known.Scope == KeyScope.Run ? "run" : "group")}; "
                        + "move it up");
            }

            Set(known, name, value, settings);
        }

        return settings;
    }

    private void Set(RunKey key, string name, YamlNode value, RunSettings settings)
    {
        if (key.Shape != KeyShape.List)
        {
            SetOne(name, value, text => key.Set(settings, text));
            return;
        }

        IEnumerable<YamlNode> items = value is YamlSequenceNode list ? list.Children : [value];
        foreach (YamlNode item in items)
        {
            SetOne(name, item, text => key.Set(settings, text));
        }
    }

    private void SetOne(string name, YamlNode node, Action<string> set)
    {
        if (node is not YamlScalarNode { Value: { } text } || IsNull(node))
        {
            throw file.Wrong(node, $"{name}: expected one value, found {KindOf(node)}");
        }

        try
        {
            set(text);
        }
        catch (UsageException e)
        {
            throw file.Wrong(node, $"{name}: {e.Message}");
        }
    }

    private string Text(YamlNode node) => node is YamlScalarNode { Value: { } text } && !IsNull(node)
        ? text
        : throw file.Wrong(node, $"expected a text, found {KindOf(node)}");

    private static bool IsNull(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: "" or "~" or "null" };

    private static string KindOf(YamlNode node) => node switch
    {
        YamlSequenceNode => "a list",
        YamlMappingNode => "settings",
        _ => "nothing",
    };

    private static bool IsDelay(string name) => name is RunKeys.DelayToKill or "delay-to-kill";

    private static List<string> NamesAt(KeyScope scope)
    {
        List<string> names = [.. RunKeys.At(scope).Select(static key => key.Name)];
        names.AddRange(scope == KeyScope.Command ? ["command"] : ["commands"]);
        if (scope == KeyScope.Run)
        {
            names.Add(GroupsName);
        }

        return names;
    }
}
