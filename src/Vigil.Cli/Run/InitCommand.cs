using System.CommandLine;
using System.Text;
using Vigil.Cli.Run.Config;

namespace Vigil.Cli.Run;

/// <summary>The definition of <c>vigil init</c>.</summary>
internal sealed class InitCommand()
    : VigilCommand("init", "Write a vigil.yaml for vigil run, with every setting at its default, and its schema.")
{
    public override string Usage => "init";

    public override IReadOnlyList<string> Notes =>
        [$"Nothing is overwritten: where {ConfigFile.UsualName} is there already, the status is 1."];

    public override IReadOnlyList<string> Examples =>
    [
        "vigil init",
        "vigil init && vigil run",
    ];

    public override int Execute(ParseResult result, IReadOnlyList<string>? behind)
    {
        if (Path.Exists(ConfigFile.UsualName))
        {
            Talk.Error($"{ConfigFile.UsualName} is there already, and stays as it is; remove it first");
            return ExitStatus.Error;
        }

        try
        {
            // Ours alone, and made from the definitions: it may be of an older version.
            File.WriteAllText(ConfigWriter.SchemaName, ConfigSchema.Write());
            using FileStream file = new(ConfigFile.UsualName, FileMode.CreateNew, FileAccess.Write);
            file.Write(Encoding.UTF8.GetBytes(ConfigWriter.Write()));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Talk.Error($"{ConfigFile.UsualName} cannot be written here ({e.GetType().Name}); is the directory yours?");
            return ExitStatus.Error;
        }

        return Program.Print($"{ConfigFile.UsualName}\n{ConfigWriter.SchemaName}\n");
    }
}
