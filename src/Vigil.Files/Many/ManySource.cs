using System.Threading.Tasks.Sources;

namespace Vigil.IO.Many;

/// <summary>
/// Files that are being read, many at a time. One reader adds paths and takes files; others bring the files.
/// </summary>
internal abstract class ManySource : IValueTaskSource, IThreadPoolWorkItem, IDisposable
{
    private readonly Lock _gate = new();
    private Queue<FileContent> _brought = new();
    private Queue<FileContent> _taken = new();
    private ManualResetValueTaskSourceCore<bool> _core;
    private bool _isAwaited;
    private bool _isCancelled;
    private Exception? _failure;

    /// <summary>One more file to read; begun with the next <see cref="Start"/>.</summary>
    internal abstract void Add(string path);

    /// <summary>Begins with those that were added.</summary>
    internal abstract void Start();

    /// <summary>Ends what is under way. Files that were not taken are lost.</summary>
    public abstract void Dispose();

    /// <summary>Takes a file that is there.</summary>
    internal bool TryTake(out FileContent content)
    {
        if (_taken.TryDequeue(out content))
        {
            return true;
        }

        lock (_gate)
        {
            (_taken, _brought) = (_brought, _taken);
        }

        return _taken.TryDequeue(out content);
    }

    /// <summary>Waits until there is one.</summary>
    internal ValueTask WaitAsync()
    {
        lock (_gate)
        {
            if (_brought.Count > 0 || _isCancelled)
            {
                return default;
            }

            if (_failure is not null)
            {
                return ValueTask.FromException(_failure);
            }

            _core.Reset();
            _isAwaited = true;
            return new ValueTask(this, _core.Version);
        }
    }

    /// <summary>Ends the wait without a file.</summary>
    internal virtual void Cancel()
    {
        lock (_gate)
        {
            _isCancelled = true;
        }

        Wake();
    }

    /// <summary>There will be no more files: whoever waits is told why, after those that were brought.</summary>
    internal void Fail(Exception failure)
    {
        lock (_gate)
        {
            _failure = failure;
        }

        Wake();
    }

    /// <summary>Brings files.</summary>
    internal void Bring(ReadOnlySpan<FileContent> contents)
    {
        lock (_gate)
        {
            foreach (FileContent content in contents)
            {
                _brought.Enqueue(content);
            }
        }

        Wake();
    }

    /// <summary>In a thread of the pool: the reader goes on, and not in the thread that reads files.</summary>
    void IThreadPoolWorkItem.Execute() => _core.SetResult(true);

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Wake()
    {
        lock (_gate)
        {
            if (!_isAwaited)
            {
                return;
            }

            _isAwaited = false;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
