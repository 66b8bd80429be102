using System.Text;
using System.Threading.Channels;
using Vigil.Cli.Printing;
using Vigil.Platform;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Cli.Watch;

/// <summary>Runs a <see cref="TreeWatcher"/> on the PATHs and prints its changes.</summary>
internal sealed class TreeSession
{
    private const int SilentScanMs = 500;
    private const int SettledSyncMs = 100;
    private readonly WatchOptions _options;
    private readonly WatchedPaths _paths;
    private readonly SessionEnd _end;
    private readonly Output _output;
    private readonly DisplayedPath _shown;
    private readonly IChangePrinter _printer;
    private long _left;

    public TreeSession(WatchOptions options, WatchedPaths paths, SessionEnd end)
    {
        _options = options;
        _paths = paths;
        _end = end;
        _left = options.Count == 0 ? long.MaxValue : options.Count;
        _shown = options.IsJson && !options.IsRelative ? DisplayedPath.Absolute : CurrentDirectory.Shown;
        _output = new Output(StandardStream.Output, end);
        _printer = CreatePrinter();
    }

    /// <summary>Runs until the end.</summary>
    /// <returns>The exit status.</returns>
    public int Run()
    {
        TreeWatcher? watcher = Start();
        if (watcher is null)
        {
            return _end.HasCome ? _end.Status : ExitStatus.Error;
        }

        // Up to the first wait this runs right here: no other thread is needed to tell that all is ready.
        Task printing = PrintAllAsync(watcher.Changes);
        _end.Wait();
        bool isWhole = TakeLast(watcher, printing);
        Task stopping = watcher.DisposeAsync().AsTask();
        isWhole &= _end.WaitFor(printing);
        _ = isWhole && _end.WaitFor(stopping);
        Talk.Lost(_output, isWhole);
        return _end.Status;
    }

    // What happened before the end is in the stream before the stream ends; false where that took too long.
    private bool TakeLast(TreeWatcher watcher, Task printing)
    {
        if (printing.IsCompleted)
        {
            return true;
        }

        try
        {
            Task done = Task.WhenAny(watcher.SyncAsync(), printing);
            if (_options.Settle == TimeSpan.Zero)
            {
                return _end.WaitFor(done);
            }

            // Nobody waits for quiet at the end: what is not settled yet is told as it is when the watcher stops.
            _ = done.Wait(SettledSyncMs);
        }
        catch (ObjectDisposedException)
        {
            // Every path was gone meanwhile.
        }

        return true;
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
        }

        return null;
    }

    private TreeWatcher WaitFor(Task<TreeWatcher> starting)
    {
        TimeSpan silent = TimeSpan.FromMilliseconds(SilentScanMs), left = _end.TimeLeft;
        if (!Wait(starting, left >= TimeSpan.Zero && left < silent ? left : silent))
        {
            if (!_options.IsQuiet && Talk.IsTerminal)
            {
                Talk.Progress("scanning …");
            }

            while (!_end.HasCome && !Wait(starting, _end.TimeLeft))
            {
                if (_end.TimeLeft == TimeSpan.Zero)
                {
                    _end.Finish(ExitStatus.Timeout);
                }
            }
        }

        try
        {
            if (_end.HasCome && !_end.WaitFor(starting))
            {
                // A device or a server does not answer; the thread that waits for it ends with the process.
                Talk.Stuck();
                throw new OperationCanceledException(_end.Token);
            }

            return starting.GetAwaiter().GetResult();
        }
        finally
        {
            Talk.EraseProgress();
        }
    }

    // Without the exception that Task.Wait would wrap, and with the longest time that a wait takes.
    private bool Wait(Task task, TimeSpan time)
    {
        int timeMs = (int)Math.Min(Math.Ceiling(time.TotalMilliseconds), int.MaxValue);
        try
        {
            return Task.WaitAny([task], timeMs, _end.Token) == 0;
        }
        catch (OperationCanceledException)
        {
            // The end has come.
            return false;
        }
    }

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
            _end.Fail();
        }
        catch (Exception e)
        {
            Talk.Unexpected(e);
            _end.Fail();
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

        // A path that was told of as not there yet is not told of again.
        bool isKnown = change.Kind == FileChangeKind.Ready
            ? _paths.AreAllMissing
            : change.Kind == FileChangeKind.Gone && _paths.WasToldMissing(PathText.FromBytes(change.PathBytes));
        if (isKnown)
        {
            return;
        }

        // What came before it is seen before it.
        _output.Flush();
        Talk.Error(change.Kind == FileChangeKind.Ready && change.Notice is { } notice
            ? ReadyText.Of(notice, _paths.OuterDirectories)
            : Describe(change));
    }

    private string Describe(in FileChange change)
    {
        string kind = Encoding.UTF8.GetString(KindNames.Of(change.Kind));
        string path = PathText.FromBytes(_shown.Of(change.PathBytes));
        string text = path.Length > 0 ? $"{kind,-8}  {path}" : kind;
        return change.Notice?.Reason is { } reason ? $"{text}: {reason}" : text;
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
        if (_options.IsJson)
        {
            return new JsonPrinter(_shown);
        }

        return _options.Format is { } format
            ? new FormatPrinter(format, _shown, _paths.Absolute, _options.EndsInNul)
            : new LinePrinter(_shown, _options.IsColored, _options.EndsInNul);
    }
}
