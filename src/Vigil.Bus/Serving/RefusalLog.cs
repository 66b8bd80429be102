namespace Vigil.Bus.Serving;

/// <summary>Tells who was refused and why; of many at once, a few and how many more. Thread-safe.</summary>
internal sealed class RefusalLog(Action<string>? log)
{
    private const int LinesASecond = 20;
    private readonly Lock _gate = new();
    private long _second;
    private int _lines;
    private long _untold;
    private long _count;

    /// <summary>How many there were.</summary>
    internal long Count => Volatile.Read(ref _count);

    internal void Add(string line)
    {
        _ = Interlocked.Increment(ref _count);
        long untold;
        lock (_gate)
        {
            long second = Environment.TickCount64 / 1000;
            if (second != _second)
            {
                _second = second;
                _lines = 0;
            }

            if (++_lines > LinesASecond)
            {
                _untold++;
                return;
            }

            untold = _untold;
            _untold = 0;
        }

        log?.Invoke(untold == 0 ? line : $"{line} (and {untold} more before)");
    }
}
