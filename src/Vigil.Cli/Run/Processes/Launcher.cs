using System.Text;
using Vigil.Cli.Run.Changes;
using Vigil.Cli.Run.Settings;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Cli.Run.Processes;

/// <summary>Starts the commands of a group with what they are told of the changes.</summary>
internal sealed class Launcher(GroupPlan plan, int number, ChangeFiles files, Descendants descendants)
{
    private const string NoInput = "/dev/null";

    // What a shell would make of it, too.
    private const int NotFound = 127;
    private const int NotStarted = 126;

    private readonly List<byte[]> _environment = [.. ProcessTable.OwnEnvironment().Where(IsKept)];

    /// <summary>Starts a command.</summary>
    /// <param name="command">Which.</param>
    /// <param name="changes">What it is told of.</param>
    /// <param name="keepsTerminal">Whether vigil reads the terminal meanwhile, and the command must not.</param>
    /// <param name="status">Where it was not started, the status that stands for that.</param>
    /// <returns>Its process id; 0 where it was not started, which was told.</returns>
    public int Start(
        CommandPlan command, IReadOnlyList<RunChange> changes, bool keepsTerminal, out int status)
    {
        string file = files.Write(number, changes);
        List<byte[]> environment =
        [
            .. _environment,
            descendants.Variable,
            PathText.ToBytes($"VIGIL_CHANGES={file}"),
            PathText.ToBytes($"VIGIL_GROUP={plan.Name}"),
            .. ChangeVariables.Of(changes),
        ];
        List<string> words = Placeholders.Fill(command, changes, out int left);
        if (left > 0)
        {
            Talk.Error($"{left} of {changes.Count} paths have no room among the arguments; $VIGIL_CHANGES has all");
        }

        string? input = files.Input(plan.Input, number, changes) ?? (keepsTerminal ? NoInput : null);
        int id = ProcessSpawn.TryStart(words, environment, input, out int errno);
        status = 0;
        if (id > 0)
        {
            descendants.Note(id);
            return id;
        }

        bool isMissing = ProcessSpawn.IsNotFound(errno);
        status = isMissing ? NotFound : NotStarted;
        Talk.Error(isMissing
            ? $"{words[0]}: {Missing(words[0])}"
            : $"{words[0]}: cannot be started: {ProcessSpawn.Describe(errno)}{Advice(words[0])}");
        return 0;
    }

    /// <summary>Writes the changes where a command that runs on can read them.</summary>
    public void Tell(IReadOnlyList<RunChange> changes) => _ = files.Write(number, changes);

    private static string Missing(string program)
    {
        if (program.Contains('/', StringComparison.Ordinal))
        {
            return File.Exists(program)
                ? "what it needs to run is not there: the interpreter of its first line (#!), or its loader"
                : "there is no such command; check the path";
        }

        return program.Contains(' ', StringComparison.Ordinal)
            ? "there is no such command on the PATH; a line for a shell needs --shell"
            : "there is no such command on the PATH";
    }

    private static string Advice(string program)
    {
        if (Directory.Exists(program))
        {
            return "; it is a directory";
        }

        return program.Contains('/', StringComparison.Ordinal)
            ? "; it needs the permission to execute (chmod +x), and a script a first line such as #!/bin/sh"
            : string.Empty;
    }

    private static bool IsKept(byte[] entry)
    {
        string text = Encoding.Latin1.GetString(entry);
        return !text.StartsWith(ChangeVariables.Prefix, StringComparison.Ordinal)
            && !text.StartsWith("VIGIL_RUN=", StringComparison.Ordinal)
            && !text.StartsWith("VIGIL_CHANGES=", StringComparison.Ordinal)
            && !text.StartsWith("VIGIL_GROUP=", StringComparison.Ordinal);
    }
}
