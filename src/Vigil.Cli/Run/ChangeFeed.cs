using System.Threading.Channels;
using Vigil.Cli.Run.Changes;
using Vigil.Cli.Run.Settings;
using Vigil.Watching;

namespace Vigil.Cli.Run;

/// <summary>The watcher of a group, read by the thread of the loop, which it wakes. For that thread alone.</summary>
internal sealed class ChangeFeed
{
    private readonly TreeWatcher _watcher;
    private readonly RunLoop _loop;
    private Task<bool>? _waiting;
    private Task? _syncing;

    private ChangeFeed(TreeWatcher watcher, RunLoop loop)
    {
        _watcher = watcher;
        _loop = loop;
    }

    /// <summary>Whether all that happened before the last <see cref="BeginSync"/> can be read.</summary>
    public bool IsSynced => _syncing is null || _syncing.IsCompleted;

    /// <summary>Starts to watch.</summary>
    /// <exception cref="VigilException">A path cannot be watched.</exception>
    public static async Task<ChangeFeed> StartAsync(GroupPlan plan, RunLoop loop, CancellationToken cancellationToken)
    {
        TreeWatcherOptions options = new()
        {
            HonourIgnoreFiles = plan.ObeysIgnoreFiles,
            Recursive = plan.IsRecursive,
            // Whether a file is still being written is told by the pair of these.
            Kinds = plan.Kinds | (plan.Kinds.HasFlag(FileChangeKinds.Modified) ? FileChangeKinds.Closed : 0),
            Backend = plan.Backend,
            PollInterval = plan.Poll,
        };
        foreach (string pattern in plan.HasDefaultIgnores ? DefaultIgnores.Patterns : [])
        {
            options.Ignore.Add(pattern);
        }

        foreach (string pattern in plan.Exclude)
        {
            options.Ignore.Add(pattern);
        }

        foreach (string pattern in plan.Include)
        {
            options.Include.Add(pattern);
        }

        string[] paths = [.. plan.Watch.OrderBy(static path => path.Length)];
        TreeWatcher watcher = await TreeWatcher.StartAsync(paths, options, cancellationToken).ConfigureAwait(false);
        return new ChangeFeed(watcher, loop);
    }

    /// <summary>Reads one change.</summary>
    /// <param name="change">The change.</param>
    /// <returns>False where there is none now; the loop is woken by the next.</returns>
    /// <exception cref="ChannelClosedException">The watcher failed.</exception>
    public bool TryRead(out FileChange change)
    {
        while (!_watcher.Changes.TryRead(out change))
        {
            if (_waiting is { IsCompleted: false })
            {
                return false;
            }

            _waiting = _watcher.Changes.WaitToReadAsync().AsTask();
            if (_waiting.IsCompletedSuccessfully && _waiting.Result)
            {
                continue;
            }

            if (!_waiting.IsCompleted)
            {
                _ = _waiting.ContinueWith(
                    (_, loop) => ((RunLoop)loop!).Wake(), _loop, TaskContinuationOptions.ExecuteSynchronously);
            }

            return false;
        }

        return true;
    }

    /// <summary>Whether there will be no more changes: every path is gone.</summary>
    public bool IsOver => _watcher.Changes.Completion.IsCompleted;

    /// <summary>Why there will be no more, where that is an error; null where the paths are gone.</summary>
    public string? Failure => _watcher.Changes.Completion.Exception?.InnerException?.Message;

    /// <summary>Asks for everything that has happened so far.</summary>
    public void BeginSync()
    {
        try
        {
            _syncing = _watcher.SyncAsync();
            _ = _syncing.ContinueWith(
                (_, loop) => ((RunLoop)loop!).Wake(), _loop, TaskContinuationOptions.ExecuteSynchronously);
        }
        catch (ObjectDisposedException)
        {
            // Every path is gone, which is told where it is read.
            _syncing = null;
        }
    }

    /// <summary>Every entry that is there.</summary>
    public TreeSnapshot Snapshot() => _watcher.Snapshot();

    /// <summary>Ends the watching.</summary>
    public ValueTask StopAsync() => _watcher.DisposeAsync();
}
