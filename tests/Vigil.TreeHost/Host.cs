using System.Diagnostics;
using System.Globalization;

namespace Vigil.Watching.Tests;

/// <summary>The commands of the host.</summary>
internal sealed class Host(TextWriter output) : IAsyncDisposable
{
    private readonly TreeWatcherOptions _options = new()
    {
        PollInterval = TimeSpan.FromMilliseconds(50),
        ReportInitial = true,
    };

    private readonly List<FileStream> _held = [];
    private FileHost? _files;
    private TreeWatcher? _watcher;
    private MirrorReader _reader = new();
    private Task _reading = Task.CompletedTask;
    private bool _readsOnOwnThread;

    public async ValueTask DisposeAsync()
    {
        await (_watcher?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_files?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    internal async Task RunAsync(string[] words)
    {
        switch (words[0])
        {
            case "option":
                SetOption(words[1], words.Length > 2 ? int.Parse(words[2], CultureInfo.InvariantCulture) : 0);
                break;
            case "start":
                await StartAsync(words[1..]);
                break;
            case "add":
                await _watcher!.AddAsync(words[1]);
                Write($"added");
                break;
            case "remove":
                Write($"removed {await _watcher!.RemoveAsync(words[1])}");
                break;
            case "check":
                await CheckAsync(words[1]);
                break;
            case "sync":
                await CatchUpAsync();
                Write($"synced");
                break;
            case "statistics":
                Write($"statistics {_watcher!.Statistics}");
                break;
            case "log":
                WriteLog();
                break;
            case "path":
                TreeWatcher.CheckPath(words[1]);
                Write($"good");
                break;
            case "shell":
                RunShell(words[1]);
                break;
            case "hold":
                Hold(int.Parse(words[1], CultureInfo.InvariantCulture));
                break;
            case "release":
                _held.ForEach(file => file.Dispose());
                _held.Clear();
                Write($"released");
                break;
            case "stop":
                await _watcher!.DisposeAsync();
                await _reading;
                Write($"stopped");
                break;
            default:
                _files ??= new FileHost(Write);
                await _files.RunAsync(words);
                break;
        }
    }

    private void SetOption(string name, int value)
    {
        switch (name)
        {
            case "poll":
                _options.PollInterval = TimeSpan.FromMilliseconds(value);
                break;
            case "settle":
                _options.Settle = TimeSpan.FromMilliseconds(value);
                break;
            case "own-thread":
                _readsOnOwnThread = true;
                break;
            case "snapshot":
                _options.ReportInitial = false;
                break;
            case "wait-for-roots":
                _options.WaitForRoots = true;
                break;
            case "one-file-system":
                _options.OneFileSystem = true;
                break;
            default:
                throw new ArgumentException($"no option {name}", nameof(name));
        }
    }

    private async Task StartAsync(string[] paths)
    {
        TreeWatcher watcher = await TreeWatcher.StartAsync(paths, _options);
        _watcher = watcher;
        _reader = new MirrorReader();
        if (!_options.ReportInitial)
        {
            _reader.Start(watcher.Snapshot());
        }

        _reading = _readsOnOwnThread
            ? Task.Factory.StartNew(
                () => Read(watcher), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            : Task.Run(() => ReadAsync(watcher));
        Write($"started {watcher.Statistics}");
    }

    private async Task ReadAsync(TreeWatcher watcher)
    {
        await foreach (FileChange change in watcher.ReadAllAsync())
        {
            Take(change);
        }

        Write($"ended");
    }

    // Without the thread pool, which may want a new thread at any moment: without descriptors there is none, and the
    // runtime ends the process.
    private void Read(TreeWatcher watcher)
    {
        while (!watcher.Changes.Completion.IsCompleted)
        {
            SpinWait.SpinUntil(() => watcher.Changes.Completion.IsCompleted || watcher.Changes.TryPeek(out _));
            while (watcher.Changes.TryRead(out FileChange change))
            {
                Take(change);
            }
        }

        Write($"ended");
    }

    private void Take(in FileChange change)
    {
        if (change.Kind >= FileChangeKind.Ready)
        {
            Write($"{change.Kind} {change.Path}: {change.Notice?.Reason?.ReplaceLineEndings(" ")}");
        }

        // Who waits for the reader to have read this finds the line.
        _reader.Apply(change);
    }

    private async Task CheckAsync(string root)
    {
        await CatchUpAsync();
        foreach (string line in _reader.Faults.Concat(_reader.DifferencesFrom(DiskWalk.Read(root))).Take(20))
        {
            Write($"wrong {line.ReplaceLineEndings(" ")}");
        }

        var inside = new MirrorReader();
        inside.Start(_watcher!.Snapshot());
        foreach (string line in inside.Faults.Concat(inside.DifferencesFrom(DiskWalk.Read(root))).Take(20))
        {
            Write($"wrong snapshot: {line.ReplaceLineEndings(" ")}");
        }

        Write($"checked {_reader.Count} entries");
    }

    private async Task CatchUpAsync()
    {
        await _watcher!.SyncAsync();
        long last = _watcher.Statistics.Changes;
        SpinWait.SpinUntil(() => _reader.LastSequence >= last || _reading.IsCompleted);
    }

    private void WriteLog()
    {
        foreach (FileChange change in _reader.Changes)
        {
            Write($"log {change.ToString().ReplaceLineEndings(" ")}");
        }

        Write($"logged");
    }

    // In a process of its own, with the rights and the mounts of this one.
    private void RunShell(string command)
    {
        var start = new ProcessStartInfo("sh", ["-ec", "exec 2>&1\n" + command]) { RedirectStandardOutput = true };
        using Process shell = Process.Start(start)!;
        string text = shell.StandardOutput.ReadToEnd().ReplaceLineEndings(" ");
        shell.WaitForExit();
        if (shell.ExitCode == 0)
        {
            Write($"ran {text}");
        }
        else
        {
            Write($"error '{command.ReplaceLineEndings("; ")}' ended with status {shell.ExitCode}: {text}");
        }
    }

    // Takes every descriptor that this process may have but a few.
    private void Hold(int left)
    {
        try
        {
            while (true)
            {
                _held.Add(new FileStream("/dev/null", FileMode.Open));
            }
        }
        catch (IOException)
        {
            // None is left.
        }

        foreach (FileStream file in _held.TakeLast(left))
        {
            file.Dispose();
        }

        Write($"holds {_held.Count}");
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
