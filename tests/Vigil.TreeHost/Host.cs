using System.Globalization;

namespace Vigil.Watching.Tests;

/// <summary>The commands of the host.</summary>
internal sealed class Host(TextWriter output) : IAsyncDisposable
{
    private TreeWatcher? _watcher;
    private MirrorReader _reader = new();
    private Task _reading = Task.CompletedTask;

    public ValueTask DisposeAsync() => _watcher?.DisposeAsync() ?? ValueTask.CompletedTask;

    internal async Task RunAsync(string[] words)
    {
        switch (words[0])
        {
            case "start":
                await StartAsync(words[1..]);
                break;
            case "check":
                await CheckAsync(words[1]);
                break;
            case "statistics":
                Write($"statistics {_watcher!.Statistics}");
                break;
            case "stop":
                await _watcher!.DisposeAsync();
                await _reading;
                Write($"stopped");
                break;
            default:
                Write($"error unknown command {words[0]}");
                break;
        }
    }

    private async Task StartAsync(string[] paths)
    {
        var options = new TreeWatcherOptions { PollInterval = TimeSpan.FromMilliseconds(50), ReportInitial = true };
        TreeWatcher watcher = _watcher = await TreeWatcher.StartAsync(paths, options);
        _reader = new MirrorReader();
        _reading = Task.Run(() => ReadAsync(watcher));
        Write($"started {watcher.Statistics}");
    }

    private async Task ReadAsync(TreeWatcher watcher)
    {
        await foreach (FileChange change in watcher.ReadAllAsync())
        {
            _reader.Apply(change);
            if (change.Kind >= FileChangeKind.Ready)
            {
                Write($"{change.Kind} {change.Path}: {change.Notice?.Reason?.ReplaceLineEndings(" ")}");
            }
        }
    }

    private async Task CheckAsync(string root)
    {
        await _watcher!.SyncAsync();
        long last = _watcher.Statistics.Changes;
        SpinWait.SpinUntil(() => _reader.LastSequence >= last || _reading.IsCompleted);
        foreach (string line in _reader.Faults.Concat(_reader.DifferencesFrom(DiskWalk.Read(root))).Take(20))
        {
            Write($"wrong {line.ReplaceLineEndings(" ")}");
        }

        Write($"checked {_reader.Count} entries");
    }

    private void Write(FormattableString line)
    {
        lock (output)
        {
            output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
            output.Flush();
        }
    }
}
