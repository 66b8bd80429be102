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
    private bool _isClosed;

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

    /// <summary>What is done with records.</summary>
    internal delegate void FeedWork(ReadOnlySpan<byte> records);

    /// <summary>Hands over records.</summary>
    /// <returns>False where too much waits already, or it is closed: these are lost.</returns>
    internal bool TryPost(ReadOnlySpan<byte> records)
    {
        lock (_gate)
        {
            int waiting = _waiting.Bytes.Length;
            if (_isClosed || (waiting > 0 && waiting + records.Length > _mostBytes))
            {
                return false;
            }

            records.CopyTo(_waiting.Begin(records.Length));
            _waiting.End();
            _ready.Set();
            return true;
        }
    }

    /// <summary>Lets the thread end, and does not wait for it.</summary>
    public void Dispose()
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
        _ = _ready.WaitOne();
        lock (_gate)
        {
            (_waiting, _taken) = (_taken, _waiting);
            _waiting.Clear();
            return !_isClosed;
        }
    }
}
