namespace Vigil.IO.Operations;

/// <summary>
/// What has completed and is to be told, first in, first out. Thread-safe; needs no memory of its own.
/// </summary>
internal sealed class RingResults
{
    private readonly Lock _gate = new();
    private RingNode? _first;
    private RingNode? _last;

    /// <summary>Whether there is nothing, at this moment.</summary>
    internal bool IsEmpty => Volatile.Read(ref _first) is null;

    internal void Add(FileOperation operation)
    {
        operation.Next = null;
        lock (_gate)
        {
            if (_first is null)
            {
                _first = operation;
            }
            else
            {
                _last!.Next = operation;
            }

            _last = operation;
        }
    }

    internal FileOperation? TryTake()
    {
        if (IsEmpty)
        {
            return null;
        }

        lock (_gate)
        {
            RingNode? first = _first;
            _first = first?.Next;
            if (first is not null)
            {
                first.Next = null;
            }

            return (FileOperation?)first;
        }
    }
}
