using System.Text;
using Vigil.Cli.Printing;
using Vigil.Cli.Watch;
using Vigil.Platform;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Cli.Buses;

/// <summary>Prints what a server tells, as <c>vigil watch</c> does. For one thread at a time.</summary>
internal sealed class BusOutput
{
    private readonly WatchOptions _options;
    private readonly Output _output;
    private readonly DisplayedPath _shown;
    private readonly IChangePrinter _printer;

    public BusOutput(WatchOptions options, SessionEnd end)
    {
        _options = options;
        _output = new Output(StandardStream.Output, end);
        _shown = options.IsJson && !options.IsRelative ? DisplayedPath.Absolute : CurrentDirectory.Shown;
        _printer = options.IsJson
            ? new JsonPrinter(_shown)
            : new LinePrinter(_shown, options.IsColored, options.EndsInNul);
    }

    /// <summary>Prints a change, and closes the file that came with it.</summary>
    public void Print(in FileChange change)
    {
        using var file = change.Handle;
        ChangeRecord record = new(change);
        if (record.IsChange || _printer.PrintsNotices)
        {
            _printer.Print(record, _output);
        }
        else if (!_options.IsQuiet || change.Kind is FileChangeKind.Degraded or FileChangeKind.Gone)
        {
            // What came before it is seen before it.
            _output.Flush();
            Talk.Error(change.Kind == FileChangeKind.Ready && change.Notice is { } notice
                ? ReadyText.Of(notice, roots: 1)
                : Describe(change));
        }
    }

    /// <summary>Writes what is in the buffer.</summary>
    /// <returns>False once nobody reads any more.</returns>
    public bool Flush()
    {
        _output.Flush();
        return !_output.IsClosed;
    }

    /// <summary>Tells what could not be written.</summary>
    public void TellLost(bool isWhole) => Talk.Lost(_output, isWhole);

    private string Describe(in FileChange change)
    {
        string kind = Encoding.UTF8.GetString(KindNames.Of(change.Kind));
        string path = PathText.FromBytes(_shown.Of(change.PathBytes));
        string text = path.Length > 0 ? $"{kind,-8}  {path}" : kind;
        return change.Notice?.Reason is { } reason ? $"{text}: {reason}" : text;
    }
}
