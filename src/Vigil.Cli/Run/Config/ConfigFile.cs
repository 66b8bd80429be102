using System.Globalization;
using System.Text;
using Vigil.Platform;
using Vigil.Platform.Linux;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Vigil.Cli.Run.Config;

/// <summary>Finds a vigil.yaml and reads the nodes of it; every mistake is told with its line and column.</summary>
internal sealed class ConfigFile(string path)
{
    /// <summary>The name that is looked for in the current directory.</summary>
    public const string UsualName = "vigil.yaml";

    /// <summary>Where it is, as it was found.</summary>
    public string Path => path;

    /// <summary>Reads the outermost mapping.</summary>
    /// <exception cref="UsageException">It is not YAML, or no mapping.</exception>
    /// <exception cref="VigilException">It cannot be read.</exception>
    public YamlMappingNode Read()
    {
        // Asked first, because its errors name the remedy.
        _ = Stat.Get(PathText.ToTerminated(path), followLinks: true);
        YamlStream stream = [];
        try
        {
            using StreamReader reader = new(path, Encoding.UTF8);
            stream.Load(reader);
        }
        catch (YamlException e)
        {
            throw new UsageException($"{PlaceOf(e)}: {Lowered(e.Message)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path}: cannot be read as a file");
        }

        return stream.Documents switch
        {
            [] => throw new UsageException($"{path}: it says nothing; vigil init writes one with every setting"),
            [{ RootNode: YamlMappingNode map }] => map,
            [{ RootNode: { } other }] => throw Wrong(other, "expected settings such as commands: [make]"),
            [_, { RootNode: { } second }, ..] => throw Wrong(second, "a second document; one is enough"),
            _ => throw new UsageException($"{path}: it says nothing"),
        };
    }

    /// <summary>A mistake at a node.</summary>
    public UsageException Wrong(YamlNode node, string message) => new($"{Place(node.Start)}: {message}");

    /// <summary>File, line and column of a node.</summary>
    public string Place(YamlNode node) => Place(node.Start);

    private string Place(Mark mark) => Place((int)mark.Line, (int)mark.Column);

    private string Place(int line, int column) =>
        string.Create(CultureInfo.InvariantCulture, $"{path}:{line}:{column}");

    // A tab in the indentation is told by the reader where the settings around it begin.
    private string PlaceOf(YamlException e)
    {
        if (e.Message.Contains("tab", StringComparison.Ordinal))
        {
            string[] lines = File.ReadAllLines(path);
            for (int i = (int)e.Start.Line - 1; i < lines.Length; i++)
            {
                int tab = lines[i].IndexOf('\t', StringComparison.Ordinal);
                if (tab >= 0 && lines[i][..tab].Trim(' ').Length == 0)
                {
                    return Place(i + 1, tab + 1);
                }
            }
        }

        return Place(e.Start);
    }

    private static string Lowered(string message)
    {
        string line = message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
        int place = line.IndexOf("): ", StringComparison.Ordinal);
        line = line.StartsWith('(') && place > 0 ? line[(place + 3)..] : line;
        return line.Length > 0 ? char.ToLowerInvariant(line[0]) + line[1..] : "this is not YAML";
    }
}
