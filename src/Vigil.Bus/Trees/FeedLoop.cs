using Vigil.Bus.Records;

namespace Vigil.Bus.Trees;

/// <summary>
/// Takes the records of a tree for one feed on a thread of its own, for a feed that takes long: it opens files, of a
/// file system that may not answer, or has much to match. What waits here is bounded; where that is not enough, the
/// feed is behind for good. Thread-safe.
/// </summary>
internal sealed class FeedLoop : IDisposable
{
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _ready = new(initialState: false);
    private readonly long _mostBytes;
    private readonly FeedWork _take;
    private readonly Action<Exception?> _end;
    private RecordBuffer _waiting = new();
    private RecordBuffer _taken = new();
    private long _counted;
    private volatile bool _isClosed;
    private bool _isDropped;

    /// <summary>Begins.</summary>
    /// <param name="mostBytes">How much may wait; one batch may always.</param>
    /// <param name="take">Called with records, in order, on the thread.</param>
    /// <param name="end">Called at the end of the thread, with what ended it if that was no closing.</param>
    internal FeedLoop(long mostBytes, FeedWork take, Action<Exception?> end)
    {
        _mostBytes = mostBytes;
        _take = take;
        _end = end;
        new Thread(Run) { IsBackground = true, Name = "vigil feed" }.UnsafeStart();
    }

    /// <summary>Whether so much waits that it is time to hurry.</summary>
    internal bool IsPressed
    {
        get
        {
            lock (_gate)
            {
                return _counted > _mostBytes / 2;
            }
        }
    }

    /// <summary>What is done with records.</summary>
    internal delegate void FeedWork(ReadOnlySpan<byte> records);

    /// <summary>Hands over records.</summary>
    /// <param name="records">The records.</param>
    /// <param name="listedBytes">What of them only says what a rename moves along: it has to be kept until the rename
    /// comes, here or there, and is not counted.</param>
    /// <returns>False where too much waits already, or it is closed: these are lost.</returns>
    internal bool TryPost(ReadOnlySpan<byte> records, int listedBytes = 0)
    {
        lock (_gate)
        {
            int more = records.Length - listedBytes;
            if (_isClosed || (_counted > 0 && _counted + more > _mostBytes))
            {
                return false;
            }

            _counted += more;
            records.CopyTo(_waiting.Begin(records.Length));
            _waiting.End();
            _ready.Set();
            return true;
        }
    }

    /// <summary>Takes no more, and lets the thread end with what waits; does not wait for it.</summary>
    internal void Finish()
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                _isClosed = true;
                _ready.Set();
            }
        }
    }

    /// <summary>Lets the thread end without what waits, and does not wait for it.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDropped = true;
        }

        Finish();
    }

    private void Run()
    {
        Exception? failure = null;
        try
        {
            while (TryTake())
            {
                _take(_taken.Bytes);
            }
        }
        catch (Exception e)
        {
            failure = e;
        }

        lock (_gate)
        {
            _isClosed = true;
            _ready.Dispose();
        }

        _end(failure);
    }

    private bool TryTake()
    {
        if (!_isClosed)
        {
            _ = _ready.WaitOne();
        }

        lock (_gate)
        {
            (_waiting, _taken) = (_taken, _waiting);
            _waiting.Clear();
            _counted = 0;
            return !_isClosed || (!_isDropped && !_taken.Bytes.IsEmpty);
        }
    }
}
