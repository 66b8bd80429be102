using System.Diagnostics;

namespace Vigil.Watching;

/// <summary>
/// When to let events gather for a moment before they are read. Reading at once costs a wake-up for every one to three
/// events, four times as much as letting them gather: so that is done once they come in a stream, which is when what
/// was read lately, halved every millisecond, is this much.
/// </summary>
internal struct ReadPace()
{
    /// <summary>How long they gather.</summary>
    internal const int GatherMs = 2;

    private const int StreamBytes = 1500;

    private double _recentBytes;
    private long _recentAt = Stopwatch.GetTimestamp();

    /// <summary>Whether they come in a stream now.</summary>
    internal bool IsStream()
    {
        long now = Stopwatch.GetTimestamp();
        _recentBytes *= Math.Pow(2, -Stopwatch.GetElapsedTime(_recentAt, now).TotalMilliseconds);
        _recentAt = now;
        return _recentBytes > StreamBytes;
    }

    /// <summary>Takes note of what was read.</summary>
    /// <param name="bytes">How much.</param>
    internal void Add(int bytes) => _recentBytes += bytes;
}
