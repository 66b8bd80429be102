using System.Threading.Channels;
using Vigil.Cli.Printing;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Cli.Watch;

/// <summary>Runs a <see cref="TreeWatcher"/> on the PATHs and prints its changes.</summary>
internal sealed class TreeSession
{
    private const int SilentScanMs = 500;
    private const int GraceMs = 1000;
    private readonly WatchOptions _options;
    private readonly WatchedPaths _paths;
    private readonly SessionEnd _end;
    private readonly Output _output = new(StandardStream.Output);
    private readonly IChangePrinter _printer;
    private long _left;

    public TreeSession(WatchOptions options, WatchedPaths paths, SessionEnd end)
    {
        _options = options;
        _paths = paths;
        _end = end;
        _left = options.Count == 0 ? long.MaxValue : options.Count;
        _printer = CreatePrinter();
    }

    /// <summary>Runs until the end.</summary>
    /// <returns>The exit status.</returns>
    public int Run()
    {
        TreeWatcher? watcher = Start();
        if (watcher is null)
        {
            return _end.HasCome && !_paths.HasErrors ? _end.Wait() : ExitStatus.Error;
        }

        // Up to the first wait this runs right here: no other thread is needed to tell that all is ready.
        Task printing = PrintAllAsync(watcher.Changes);
        int status = _end.Wait();
        watcher.DisposeAsync().AsTask().Wait(GraceMs);
        printing.Wait(GraceMs);
        return _paths.HasErrors ? ExitStatus.Error : status;
    }

    private TreeWatcher? Start()
    {
        while (!_paths.IsEmpty)
        {
            try
            {
                return WaitFor(TreeWatcher.StartAsync(_paths.OutermostFirst.ToArray(), CreateOptions(), _end.Token));
            }
            catch (VigilException e) when (_paths.Remove(e))
            {
                // Told; the others go on.
            }
            catch (OperationCanceledException) when (_end.HasCome)
            {
                return null;
            }
            catch (ArgumentException e)
            {
                throw new UsageException(Message(e));
            }
        }

        return null;
    }

    private TreeWatcher WaitFor(Task<TreeWatcher> starting)
    {
        if (!Wait(starting, TimeSpan.FromMilliseconds(SilentScanMs)))
        {
            if (!_options.IsQuiet && Talk.IsTerminal)
            {
                Talk.Progress("scanning …");
            }

            if (!Wait(starting, _end.TimeLeft))
            {
                _end.Finish(ExitStatus.Timeout);
            }
        }

        return starting.GetAwaiter().GetResult();
    }

    // Without the exception that Task.Wait would wrap.
    private static bool Wait(Task task, TimeSpan time) => Task.WaitAny([task], time) == 0;

    private async Task PrintAllAsync(ChannelReader<FileChange> changes)
    {
        try
        {
            do
            {
                while (changes.TryRead(out FileChange change))
                {
                    if (!Print(change))
                    {
                        _output.Flush();
                        _end.Finish(ExitStatus.Success);
                        return;
                    }
                }

                _output.Flush();
                if (_output.IsClosed)
                {
                    _end.Finish(ExitStatus.Success);
                    return;
                }
            }
            while (await changes.WaitToReadAsync().ConfigureAwait(false));

            if (!_end.HasCome)
            {
                Talk.Error("every watched path is gone; with --wait they are waited for");
                _end.Finish(ExitStatus.Error);
            }
        }
        catch (Exception e) when (e is VigilException or ChannelClosedException)
        {
            Talk.Error(e.Message);
            _end.Finish(ExitStatus.Error);
        }
    }

    // False once the last change that was asked for is printed.
    private bool Print(in FileChange change)
    {
        ChangeRecord record = new(change);
        if (record.IsChange || _printer.PrintsNotices)
        {
            _printer.Print(record, _output);
        }
        else
        {
            Tell(change);
        }

        return !record.IsChange || record.IsInitial || --_left > 0;
    }

    // What the watcher says about itself, on standard error.
    private void Tell(in FileChange change)
    {
        bool isTrouble = change.Kind is FileChangeKind.Degraded or FileChangeKind.Gone;
        if (_options.IsQuiet && !isTrouble)
        {
            return;
        }

        // What came before it is seen before it.
        _output.Flush();
        Talk.Error(change.Kind == FileChangeKind.Ready && change.Notice is { } notice
            ? ReadyText.Of(notice)
            : change.ToString());
    }

    private TreeWatcherOptions CreateOptions()
    {
        TreeWatcherOptions options = new()
        {
            HonourIgnoreFiles = _options.HonourIgnoreFiles,
            Recursive = _options.IsRecursive,
            OneFileSystem = _options.IsOneFileSystem,
            ReportInitial = _options.ReportsInitial,
            Settle = _options.Settle,
            Kinds = _options.Kinds,
            Backend = _options.Backend,
            PollInterval = _options.PollInterval,
            WaitForRoots = _options.WaitsForPaths,
        };
        foreach (string pattern in _options.Include)
        {
            options.Include.Add(pattern);
        }

        foreach (string pattern in _options.Exclude)
        {
            options.Ignore.Add(pattern);
        }

        return options;
    }

    private IChangePrinter CreatePrinter()
    {
        bool isAbsolute = _options.IsJson && !_options.IsRelative;
        DisplayedPath shown = isAbsolute
            ? DisplayedPath.Absolute
            : DisplayedPath.RelativeTo(Environment.CurrentDirectory);
        if (_options.IsJson)
        {
            return new JsonPrinter(shown);
        }

        return _options.Format is { } format
            ? new FormatPrinter(format, shown, _paths.Absolute, _options.EndsInNul)
            : new LinePrinter(shown, IsColored(), _options.EndsInNul);
    }

    private bool IsColored() => _options.Color switch
    {
        ColorChoice.Always => true,
        ColorChoice.Never => false,
        _ => StandardStream.Output.IsTerminal
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") != "dumb",
    };

    // ArgumentException adds the parameter's name to its message; the caller of a command knows no parameters.
    private static string Message(ArgumentException e)
    {
        string message = e.Message.ReplaceLineEndings(" ");
        int suffix = e.ParamName is null ? -1 : message.LastIndexOf(" (", StringComparison.Ordinal);
        return suffix > 0 && message.EndsWith(')') ? message[..suffix] : message;
    }
}
