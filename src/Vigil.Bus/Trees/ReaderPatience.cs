using System.Diagnostics;

namespace Vigil.Bus.Trees;

/// <summary>
/// How long a writer with a thread of its own waits for readers, all in all: the right to it is used up by waiting, and
/// comes back with what was written without. So who reads as fast as one can is waited for, and who does not move costs
/// the others one such wait and no more. For one thread, but for its end.
/// </summary>
internal sealed class ReaderPatience(TimeSpan most) : IDisposable
{
    private const int PauseMs = 1;

    private readonly ManualResetEventSlim _over = new();
    private double _leftMs = most.TotalMilliseconds;

    /// <summary>Waits a moment.</summary>
    /// <returns>False, at once, where there has been enough of that.</returns>
    internal bool Wait()
    {
        if (_leftMs <= 0 || _over.IsSet)
        {
            return false;
        }

        long start = Stopwatch.GetTimestamp();
        _ = _over.Wait(PauseMs);
        _leftMs -= Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return true;
    }

    /// <summary>Something was written.</summary>
    /// <param name="milliseconds">What that is worth.</param>
    internal void Earn(double milliseconds) =>
        _leftMs = Math.Min(most.TotalMilliseconds, _leftMs + milliseconds);

    /// <summary>Nothing is waited for any more. Thread-safe.</summary>
    public void Dispose() => _over.Set();
}
