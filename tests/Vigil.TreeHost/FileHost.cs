namespace Vigil.Watching.Tests;

/// <summary>
/// The commands of the host that are about single files; the tag of a file is its path as it was given.
/// </summary>
internal sealed class FileHost(Action<FormattableString> write) : IAsyncDisposable
{
    private FileWatcher<string>? _watcher;
    private Task _reading = Task.CompletedTask;

    public ValueTask DisposeAsync() => _watcher?.DisposeAsync() ?? ValueTask.CompletedTask;

    internal async Task RunAsync(string[] words)
    {
        switch (words[0])
        {
            case "file-watch":
                _watcher ??= Start();
                bool isNew = _watcher.Add(words[1], words[1], out string? previous);
                write($"watched {isNew} {previous}");
                break;
            case "file-remove":
                write($"removed {_watcher!.Remove(words[1], out string? tag)} {tag}");
                break;
            case "file-stop":
                await _watcher!.DisposeAsync();
                await _reading;
                write($"stopped");
                break;
            case "chdir":
                Environment.CurrentDirectory = words[1];
                write($"changed");
                break;
            default:
                write($"error unknown command {words[0]}");
                break;
        }
    }

    private FileWatcher<string> Start()
    {
        var watcher = new FileWatcher<string>(
            capacity: 64, new FileWatcherOptions { PollInterval = TimeSpan.FromMilliseconds(50) });
        _reading = ReadAsync(watcher);
        return watcher;
    }

    private async Task ReadAsync(FileWatcher<string> watcher)
    {
        await foreach (FileEvent<string> e in watcher.ReadAllAsync())
        {
            string rest = e.IsNotice ? $"{e.Path}: {e.Reason}" : e.Tag!;
            write($"file {e.Kind} {rest}");
        }
    }
}
