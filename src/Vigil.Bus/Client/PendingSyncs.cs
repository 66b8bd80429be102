namespace Vigil.Bus.Client;

/// <summary>
/// Who waits until everything before now has been read. One question is under way at a time; who asks meanwhile shares
/// the next one, as what is under way may have been asked before what they want to see happened. Thread-safe.
/// </summary>
internal sealed class PendingSyncs
{
    private readonly Lock _gate = new();
    private readonly List<TaskCompletionSource> _answered = [];
    private TaskCompletionSource? _asked;
    private TaskCompletionSource? _next;
    private Exception? _end;
    private uint _last;

    /// <summary>The number of the one under way, for a server that does not know it; 0 for none.</summary>
    internal uint UnderWay
    {
        get
        {
            lock (_gate)
            {
                return _asked is null ? 0 : _last;
            }
        }
    }

    /// <summary>Begins to wait.</summary>
    /// <param name="begun">The number to ask with now; 0 where one is under way.</param>
    internal Task Add(out uint begun)
    {
        lock (_gate)
        {
            begun = 0;
            if (_end is not null)
            {
                return Task.FromException(_end);
            }

            _next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Task answered = _next.Task;
            begun = _asked is null ? Begin() : 0;
            return answered;
        }
    }

    /// <summary>The mark of one has come; what came before it is yet to be handed out.</summary>
    /// <returns>The number to ask with next; 0 where nobody waits.</returns>
    internal uint Answer(uint number)
    {
        lock (_gate)
        {
            if (_asked is null || number != _last)
            {
                return 0;
            }

            _answered.Add(_asked);
            _asked = null;
            return _next is null ? 0 : Begin();
        }
    }

    /// <summary>All that came so far was handed out.</summary>
    internal void CompleteAnswered()
    {
        lock (_gate)
        {
            _answered.ForEach(source => source.TrySetResult());
            _answered.Clear();
        }
    }

    /// <summary>Nothing more will come.</summary>
    internal void End(Exception reason)
    {
        lock (_gate)
        {
            _end = reason;
            _ = _asked?.TrySetException(reason);
            _ = _next?.TrySetException(reason);
            _asked = null;
            _next = null;
        }

        CompleteAnswered();
    }

    private uint Begin()
    {
        (_asked, _next) = (_next, null);

        // 0 is none.
        _last = _last == uint.MaxValue ? 1 : _last + 1;
        return _last;
    }
}
