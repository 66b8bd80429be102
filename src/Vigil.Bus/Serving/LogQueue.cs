using System.Threading.Channels;

namespace Vigil.Bus.Serving;

/// <summary>
/// Tells lines to somebody who may not listen, such as a full pipe: on a thread of its own, and in bounds. What does
/// not fit is left out, and counted. Thread-safe.
/// </summary>
internal sealed class LogQueue
{
    private const int MostLines = 1024;
    private const int MostChars = 500;
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private readonly Channel<string> _lines = Channel.CreateBounded<string>(MostLines);
    private readonly Action<string> _log;
    private readonly Task _telling;
    private long _untold;

    internal LogQueue(Action<string> log)
    {
        _log = log;
        _telling = Task.Factory.StartNew(
            TellAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Takes a line; what others have made long is cut.</summary>
    internal void Add(string line)
    {
        string cut = line.Length <= MostChars
            ? line
            : $"{line[..(MostChars / 2)]} ... {line[^(MostChars / 2)..]}";
        if (!_lines.Writer.TryWrite(cut))
        {
            _ = Interlocked.Increment(ref _untold);
        }
    }

    /// <summary>Takes no more, and waits a moment until what there is was told.</summary>
    internal async Task EndAsync()
    {
        _ = _lines.Writer.TryComplete();
        _ = await Task.WhenAny(_telling, Task.Delay(LastWords)).ConfigureAwait(false);
    }

    private void TellAll()
    {
        while (_lines.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_lines.Reader.TryRead(out string? line))
            {
                long untold = Interlocked.Exchange(ref _untold, 0);
                _log(untold == 0 ? line : $"{line} (and {untold} lines before were left out)");
            }
        }
    }
}
