using System.Text;
using Vigil.Cli.Printing;
using Vigil.Platform;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Cli.Watch;

/// <summary>Runs an <see cref="Inotify"/> on exactly the PATHs and prints what the kernel says.</summary>
internal sealed class RawSession
{
    private const int BufferBytes = 64 * 1024;
    private readonly WatchOptions _options;
    private readonly WatchedPaths _paths;
    private readonly SessionEnd _end;
    private readonly Output _output = new(StandardStream.Output);
    private readonly IRawPrinter _printer;
    private readonly HashSet<int> _live = [];
    private long _left;

    public RawSession(WatchOptions options, WatchedPaths paths, SessionEnd end)
    {
        _options = options;
        _paths = paths;
        _end = end;
        _left = options.Count == 0 ? long.MaxValue : options.Count;
        _printer = options.IsJson ? new RawJsonPrinter() : new RawLinePrinter(options.EndsInNul);
    }

    /// <summary>Runs until the end.</summary>
    /// <returns>The exit status.</returns>
    public int Run()
    {
        using Inotify inotify = Inotify.Open(new InotifyOptions { BufferBytes = BufferBytes });
        AddWatches(inotify);
        if (_paths.IsEmpty)
        {
            return ExitStatus.Error;
        }

        if (!_printer.PrintReady(_output) && !_options.IsQuiet)
        {
            Talk.Error(ReadyText.Of(_live.Count, "path", WatchBackend.Inotify, _end.Elapsed));
        }

        _output.Flush();
        Thread reader = new(() => Read(inotify), maxStackSize: 256 * 1024) { IsBackground = true, Name = "vigil-raw" };
        reader.Start();
        int status = _end.Wait();
        inotify.Dispose();
        reader.Join();
        return _paths.HasErrors ? ExitStatus.Error : status;
    }

    private void AddWatches(Inotify inotify)
    {
        DisplayedPath shown = _options.IsRelative
            ? DisplayedPath.RelativeTo(Environment.CurrentDirectory)
            : DisplayedPath.Absolute;
        foreach ((string typed, string absolute) in _paths.Typed.Zip(_paths.Absolute).ToList())
        {
            try
            {
                int watch = inotify.Add(typed, _options.Mask).Value;
                _live.Add(watch);
                (_printer as RawJsonPrinter)?.AddWatch(watch, shown.Of(Encoding.UTF8.GetBytes(absolute)));
            }
            catch (VigilException e) when (_paths.Remove(e))
            {
                // Told; the others go on.
            }
        }
    }

    private void Read(Inotify inotify)
    {
        try
        {
            Pace pace = new();
            while (!_end.HasCome)
            {
                InotifyEvents events = inotify.Read(Timeout.InfiniteTimeSpan);
                Print(events);
                _output.Flush();
                if (_output.IsClosed)
                {
                    _end.Finish(ExitStatus.Success);
                }

                // Half a buffer and more: the queue is filling, and there is no time to lose.
                if (events.Bytes.Length < BufferBytes / 2)
                {
                    pace.BeforeRead(_end.Wake);
                }
            }
        }
        catch (ObjectDisposedException)
        {
            // The end has come meanwhile.
        }
        catch (VigilException e)
        {
            Talk.Error(e.Message);
            _end.Finish(ExitStatus.Error);
        }
    }

    private void Print(InotifyEvents events)
    {
        foreach (InotifyEvent source in events)
        {
            _printer.Print(new RawEvent(source), _output);
            if (--_left == 0)
            {
                _end.Finish(ExitStatus.Success);
                return;
            }

            if (source.IsIgnored && _live.Remove(source.Watch.Value) && _live.Count == 0)
            {
                FinishAllGone();
                return;
            }
        }
    }

    private void FinishAllGone()
    {
        if ((_options.Mask & InotifyMask.OneShot) != 0)
        {
            _end.Finish(ExitStatus.Success);
            return;
        }

        _output.Flush();
        Talk.Error("every watched path is gone");
        _end.Finish(ExitStatus.Error);
    }
}
