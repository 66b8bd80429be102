namespace Vigil.Bus.Client;

/// <summary>
/// Says when a subscription that was lost is tried again: at once, then after longer and longer pauses, until a change
/// was delivered or a server has held for a while; and for how long in all. For one thread at a time.
/// </summary>
/// <remarks>
/// A server that accepts and then ends, or a tree that ends as soon as it is watched, would else be looked for as fast
/// as both sides can: the pauses and the limit do not begin anew where a server is merely reached.
/// </remarks>
/// <param name="limit">How long it is tried in all; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
/// <param name="time">The clock.</param>
internal sealed class ReconnectPace(TimeSpan limit, TimeProvider time)
{
    internal static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    internal static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private TimeSpan _next;
    private long? _lostAt;
    private long? _reachedAt;

    /// <summary>How much of the limit is left; negative: for ever.</summary>
    internal TimeSpan Left =>
        limit == Timeout.InfiniteTimeSpan ? limit
        : _lostAt is not { } lostAt ? limit
        : time.GetElapsedTime(lostAt) is var passed && passed < limit ? limit - passed
        : TimeSpan.Zero;

    /// <summary>Whether it was tried for as long as may be.</summary>
    internal bool IsOver => Left == TimeSpan.Zero;

    /// <summary>A server was reached, and has work to do.</summary>
    internal void Reach() => _reachedAt = time.GetTimestamp();

    /// <summary>It works: a change came.</summary>
    internal void Deliver()
    {
        _next = TimeSpan.Zero;
        _lostAt = null;
    }

    /// <summary>The server is there, and goes on without this reader, which was too slow: the limit is for servers that
    /// are not there.</summary>
    internal void Confirm() => _lostAt = null;

    /// <summary>It was lost, or did not become one.</summary>
    /// <param name="isMute">Whether all that time the server said nothing.</param>
    /// <returns>How long to wait before it is tried again.</returns>
    internal TimeSpan Lose(bool isMute = false)
    {
        if (!isMute && _reachedAt is { } reachedAt && time.GetElapsedTime(reachedAt) > LongestPause)
        {
            Deliver();
        }

        _reachedAt = null;
        _lostAt ??= time.GetTimestamp();
        TimeSpan pause = _next;
        _next = pause == TimeSpan.Zero ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
        return limit != Timeout.InfiniteTimeSpan && pause > Left ? Left : pause;
    }
}
