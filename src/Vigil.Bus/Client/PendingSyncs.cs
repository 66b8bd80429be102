namespace Vigil.Bus.Client;

/// <summary>Who waits until everything before now has been read. Thread-safe.</summary>
internal sealed class PendingSyncs
{
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, TaskCompletionSource> _pending = [];
    private readonly List<TaskCompletionSource> _answered = [];
    private Exception? _end;
    private uint _last;

    /// <summary>The numbers of those that are not answered: for a server that does not know them.</summary>
    internal uint[] Open
    {
        get
        {
            lock (_gate)
            {
                return [.. _pending.Keys];
            }
        }
    }

    /// <summary>Begins to wait.</summary>
    internal Task Add(out uint number)
    {
        lock (_gate)
        {
            number = ++_last;
            if (_end is not null)
            {
                return Task.FromException(_end);
            }

            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _pending.Add(number, source);
            return source.Task;
        }
    }

    /// <summary>Stops waiting for one.</summary>
    internal void Forget(uint number)
    {
        lock (_gate)
        {
            _ = _pending.Remove(number);
        }
    }

    /// <summary>The mark of one has come; what came before it is yet to be handed out.</summary>
    internal void Answer(uint number)
    {
        lock (_gate)
        {
            if (_pending.Remove(number, out TaskCompletionSource? source))
            {
                _answered.Add(source);
            }
        }
    }

    /// <summary>All that came so far was handed out.</summary>
    internal void CompleteAnswered()
    {
        lock (_gate)
        {
            foreach (TaskCompletionSource source in _answered)
            {
                _ = source.TrySetResult();
            }

            _answered.Clear();
        }
    }

    /// <summary>Nothing more will come.</summary>
    internal void End(Exception reason)
    {
        lock (_gate)
        {
            _end = reason;
            foreach (TaskCompletionSource source in _pending.Values)
            {
                _ = source.TrySetException(reason);
            }

            _pending.Clear();
        }

        CompleteAnswered();
    }
}
