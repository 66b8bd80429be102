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
    private readonly Output _output;
    private readonly IRawPrinter _printer;
    private readonly HashSet<int> _live = [];
    private readonly TaskCompletionSource _done = new();
    private long _left;

    public RawSession(WatchOptions options, WatchedPaths paths, SessionEnd end)
    {
        _options = options;
        _paths = paths;
        _end = end;
        _output = new Output(StandardStream.Output, end);
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

        Thread reader = new(() => Read(inotify), maxStackSize: 256 * 1024) { IsBackground = true, Name = "vigil-raw" };
        reader.Start();
        _end.Wait();
        bool isWhole = _end.WaitFor(_done.Task);
        Talk.Lost(_output, isWhole);
        return _end.Status;
    }

    private void AddWatches(Inotify inotify)
    {
        DisplayedPath shown = _options.IsRelative ? CurrentDirectory.Shown : DisplayedPath.Absolute;
        bool tellsWatches = !_options.IsJson && !_options.IsQuiet && _paths.Typed.Skip(1).Any();
        foreach ((string typed, string absolute) in _paths.Typed.Zip(_paths.Absolute).ToList())
        {
            try
            {
                int watch = inotify.Add(PathText.ToBytes(typed), _options.Mask).Value;
                _live.Add(watch);
                if (tellsWatches)
                {
                    Talk.Error($"wd {watch} is {typed}");
                }

                (_printer as RawJsonPrinter)?.AddWatch(watch, shown.Of(PathText.ToBytes(absolute)));
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
            _output.Flush();
            Pace pace = new();
            while (!_end.HasCome)
            {
                InotifyEvents events = inotify.TryRead();
                if (events.IsEmpty)
                {
                    _ = Poll.Wait(inotify.Handle, _end.Wake, null, Timeout.Infinite);
                    continue;
                }

                if (!PrintBatch(events))
                {
                    return;
                }

                // Half a buffer and more: the queue is filling, and there is no time to lose.
                if (events.Bytes.Length < BufferBytes / 2)
                {
                    pace.BeforeRead(_end.Wake);
                }
            }

            // What happened before the end, and not what a storm adds meanwhile.
            long left = inotify.AvailableBytes;
            for (InotifyEvents events; left > 0 && !(events = inotify.TryRead()).IsEmpty;)
            {
                left -= events.Bytes.Length;
                if (!PrintBatch(events))
                {
                    return;
                }
            }
        }
        catch (VigilException e)
        {
            Talk.Error(e.Message);
            _end.Fail();
        }
        catch (Exception e)
        {
            Talk.Unexpected(e);
            _end.Fail();
        }
        finally
        {
            _done.SetResult();
        }
    }

    // False once nothing more is to be printed.
    private bool PrintBatch(InotifyEvents events)
    {
        bool goesOn = Print(events);
        _output.Flush();
        if (_output.IsClosed)
        {
            _end.Finish(ExitStatus.Success);
        }

        return goesOn && !_output.IsClosed;
    }

    private bool Print(InotifyEvents events)
    {
        foreach (InotifyEvent source in events)
        {
            _printer.Print(new RawEvent(source), _output);
            if (--_left == 0)
            {
                _output.Flush();
                _end.Finish(ExitStatus.Success);
                return false;
            }

            if (source.IsIgnored && _live.Remove(source.Watch.Value) && _live.Count == 0)
            {
                FinishAllGone();
                return false;
            }
        }

        return true;
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
