using System.Globalization;
using System.Text;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>Plays a scenario and compares what is told with what it expects.</summary>
internal sealed class ScriptRun : IDisposable
{
    private readonly TreeScript _script;
    private readonly TempTree _tree = new();
    private readonly string _root;
    private readonly MirrorReader _reader = new();
    private readonly List<string> _told = [];
    private TreeWatcher? _watcher;
    private bool _isCompleted;

    internal ScriptRun(TreeScript script)
    {
        _script = script;
        _root = _tree.MakeDirectory("root");
        _tree.MakeDirectory("outside");
    }

    public void Dispose()
    {
        _watcher?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        foreach (string line in File.ReadLines("/proc/self/mountinfo").Where(l => l.Contains(_tree.Path)).Reverse())
        {
            // What a script that failed has left mounted.
            ChildProcess.Shell($"umount -l '{line.Split(' ')[4]}'");
        }

        _tree.Dispose();
    }

    internal static bool Exists(string program) => Environment.GetEnvironmentVariable("PATH")!
        .Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    internal async Task RunAsync()
    {
        if (_script.Before.Count > 0)
        {
            ChildProcess.Shell(string.Join('\n', _script.Before), _root);
        }

        string[] paths = [.. _script.Options.GetValueOrDefault("watch", ".").Split(' ').Select(At)];
        _watcher = await TreeWatcher.StartAsync(paths, MakeOptions());
        _reader.Start(_watcher.Snapshot());
        _ = await NextAsync();
        Assert.Equal("ready -", _told[0]);
        _told.RemoveAt(0);
        foreach (ScriptStep step in _script.Steps)
        {
            await StepAsync(step);
        }

        if (!_isCompleted)
        {
            await _watcher.SyncAsync().WaitAsync(Eventually.DefaultTimeout);
            TakeWhatIsThere();
        }

        Assert.Empty(_reader.Faults);
        if (_script.Options.GetValueOrDefault("compare") != "no")
        {
            Assert.Empty(_reader.DifferencesFrom(DiskWalk.Read(_root)));
        }
    }

    private async Task StepAsync(ScriptStep step)
    {
        if (step.IsCall)
        {
            await CallAsync(step.Commands[0].Split(' ', 2));
        }
        else
        {
            // The watched directory may be gone or elsewhere by now: the shell starts above it.
            ChildProcess.Shell("cd root 2>&- || :\n" + string.Join('\n', step.Commands), _tree.Path);
        }

        if (step.Expected.Any(line => line.Text.StartsWith("gone ", StringComparison.Ordinal)))
        {
            await UntilToldAsync("gone ");
        }
        else if (_script.Options.ContainsKey("wait") && step.Expected.Count > 0)
        {
            await UntilToldAsync(step.Expected[^1].Text);
        }

        if (!_isCompleted)
        {
            await SyncAsync();
        }

        TakeWhatIsThere();
        Compare(step);
        _told.Clear();
    }

    private async Task SyncAsync()
    {
        try
        {
            await _watcher!.SyncAsync().WaitAsync(Eventually.DefaultTimeout);
        }
        catch (ObjectDisposedException)
        {
            // All paths are gone, which ended the watcher.
            _isCompleted = true;
        }
        catch (TimeoutException)
        {
            Assert.Fail($"SyncAsync did not end: {_watcher!.Statistics}; told so far:\n  {string.Join("\n  ", _told)}");
        }
    }

    private async Task UntilToldAsync(string start)
    {
        using var patience = new CancellationTokenSource(Eventually.DefaultTimeout);
        try
        {
            while (!_told.Any(line => line.StartsWith(start, StringComparison.Ordinal))
                && await NextAsync(patience.Token))
            {
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"waited for '{start}'; told so far:\n  {string.Join("\n  ", _told)}");
        }
    }

    private async Task CallAsync(string[] words)
    {
        switch (words[0])
        {
            case "add":
                await _watcher!.AddAsync(At(words[1]));
                break;
            case "remove":
                Assert.True(await _watcher!.RemoveAsync(At(words[1])), $"{words[1]} was watched");
                _reader.Forget(At(words[1]));
                break;
            default:
                throw new FormatException($"no call '{words[0]}'");
        }
    }

    private async Task<bool> NextAsync(CancellationToken cancellation = default)
    {
        if (!await _watcher!.Changes.WaitToReadAsync(cancellation))
        {
            _isCompleted = true;
            return false;
        }

        TakeWhatIsThere();
        return true;
    }

    private void TakeWhatIsThere()
    {
        while (_watcher!.Changes.TryRead(out FileChange change))
        {
            _reader.Apply(change);
            _told.Add(ScriptLine.Of(change, _root));
        }
    }

    private void Compare(ScriptStep step)
    {
        int next = 0;
        for (int i = 0; i < step.Expected.Count;)
        {
            List<ScriptLine> block = [.. step.Expected.Skip(i).TakeWhile(line => line.Block == step.Expected[i].Block)];
            i += block.Count;
            var waiting = new List<ScriptLine>(block);
            while (next < _told.Count && TakeFrom(waiting, block, _told[next]))
            {
                next++;
            }

            if (waiting.Find(line => !line.IsOptional) is { } missing)
            {
                Fail(step, next, $"line {missing.Line} expects '{missing.Text}'");
            }
        }

        if (next < _told.Count && !step.IsOpen)
        {
            Fail(step, next, "nothing more is expected");
        }
    }

    private static bool TakeFrom(List<ScriptLine> waiting, List<ScriptLine> block, string told)
    {
        int index = waiting.FindIndex(line => line.Fits(told));
        if (index >= 0)
        {
            waiting.RemoveAt(index);
            return true;
        }

        return block.Exists(line => line.MayRepeat && line.Fits(told));
    }

    private void Fail(ScriptStep step, int at, string expected)
    {
        string told = at < _told.Count ? $"'{_told[at]}'" : "nothing";
        Assert.Fail(string.Create(
            CultureInfo.InvariantCulture,
            $"step of line {step.Line}: {expected}, told is {told}; all that is told:\n  ")
            + string.Join("\n  ", _told));
    }

    private string At(string path) => Path.GetFullPath(Path.Combine(_root, path));

    private TreeWatcherOptions MakeOptions()
    {
        var options = new TreeWatcherOptions { PollInterval = TimeSpan.FromMilliseconds(50) };
        foreach ((string name, string value) in _script.Options)
        {
            switch (name)
            {
                case "ignore":
                    Array.ForEach(value.Split(' '), options.Ignore.Add);
                    break;
                case "include":
                    Array.ForEach(value.Split(' '), options.Include.Add);
                    break;
                case "honour-ignore-files":
                    options.HonourIgnoreFiles = true;
                    break;
                case "not-recursive":
                    options.Recursive = false;
                    break;
                case "one-file-system":
                    options.OneFileSystem = true;
                    break;
                case "wait-for-roots":
                    options.WaitForRoots = true;
                    break;
                case "poll":
                    options.Backend = WatchBackend.Poll;
                    break;
                case "settle":
                    options.Settle = TimeSpan.FromMilliseconds(int.Parse(value, CultureInfo.InvariantCulture));
                    break;
                case "kinds":
                    options.Kinds = Enum.Parse<FileChangeKinds>(value);
                    break;
                case "watch" or "compare" or "wait":
                    break;
                default:
                    throw new FormatException($"no option '{name}'");
            }
        }

        return options;
    }
}
