using System.Diagnostics;

namespace Vigil.Testing;

/// <summary>
/// Waits for a condition, with a reason that a person can read when it does not come about. The only place where a test
/// lets time pass: a wait ends as soon as its condition holds, and fails loudly when its time runs out.
/// </summary>
public static class Eventually
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// How long a wait may take where the caller does not say: 30 seconds. It is generous because it is only ever spent
    /// by a test that fails.
    /// </summary>
    public static TimeSpan DefaultTimeout { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Waits until a condition holds.</summary>
    /// <param name="condition">Looked at again and again, first after 1 ms, later every 50 ms.</param>
    /// <param name="reason">What is waited for, as the end of the sentence "waited for …".</param>
    /// <param name="timeout">How long at most; <see cref="DefaultTimeout"/> if not given.</param>
    /// <exception cref="TimeoutException">The time ran out; the message holds the reason.</exception>
    public static void True(Func<bool> condition, string reason, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        Value(() => condition() ? (object)true : null, reason, timeout);
    }

    /// <summary>Waits until a condition holds, without holding a thread.</summary>
    /// <inheritdoc cref="True"/>
    /// <param name="condition">Looked at again and again, first after 1 ms, later every 50 ms.</param>
    /// <param name="reason">What is waited for, as the end of the sentence "waited for …".</param>
    /// <param name="timeout">How long at most; <see cref="DefaultTimeout"/> if not given.</param>
    /// <param name="cancellation">Ends the wait early.</param>
    public static async Task TrueAsync(
        Func<bool> condition,
        string reason,
        TimeSpan? timeout = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        TimeSpan limit = timeout ?? DefaultTimeout;
        long start = Stopwatch.GetTimestamp();
        for (TimeSpan pause = FirstPause; !condition(); pause = Next(pause))
        {
            ThrowIfOver(start, limit, reason, null);
            await Task.Delay(pause, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until a condition holds that itself has to be waited for.</summary>
    /// <inheritdoc cref="True"/>
    /// <param name="condition">Looked at again and again, first after 1 ms, later every 50 ms.</param>
    /// <param name="reason">What is waited for, as the end of the sentence "waited for …".</param>
    /// <param name="timeout">How long at most; <see cref="DefaultTimeout"/> if not given.</param>
    public static async Task TrueAsync(Func<Task<bool>> condition, string reason, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        TimeSpan limit = timeout ?? DefaultTimeout;
        long start = Stopwatch.GetTimestamp();
        for (TimeSpan pause = FirstPause; !await condition().ConfigureAwait(false); pause = Next(pause))
        {
            ThrowIfOver(start, limit, reason, null);
            await Task.Delay(pause).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until there is a value.</summary>
    /// <typeparam name="T">What is waited for.</typeparam>
    /// <param name="probe">Gives the value, or null as long as there is none.</param>
    /// <param name="reason">What is waited for, as the end of the sentence "waited for …".</param>
    /// <param name="timeout">How long at most; <see cref="DefaultTimeout"/> if not given.</param>
    /// <returns>The first value that is not null.</returns>
    /// <exception cref="TimeoutException">The time ran out; the message holds the reason.</exception>
    public static T Value<T>(Func<T?> probe, string reason, TimeSpan? timeout = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(probe);
        TimeSpan limit = timeout ?? DefaultTimeout;
        long start = Stopwatch.GetTimestamp();
        for (TimeSpan pause = FirstPause; ; pause = Next(pause))
        {
            if (probe() is { } value)
            {
                return value;
            }

            ThrowIfOver(start, limit, reason, null);
            Thread.Sleep(pause);
        }
    }

    /// <summary>
    /// Waits until assertions hold. The last failure is the inner exception, so that the difference is seen and not
    /// only that there was one.
    /// </summary>
    /// <param name="assertions">Throws as long as they do not hold.</param>
    /// <param name="reason">What is waited for, as the end of the sentence "waited for …".</param>
    /// <param name="timeout">How long at most; <see cref="DefaultTimeout"/> if not given.</param>
    /// <exception cref="TimeoutException">The time ran out; the message holds reason and last failure.</exception>
    public static void Passes(Action assertions, string reason, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(assertions);
        TimeSpan limit = timeout ?? DefaultTimeout;
        long start = Stopwatch.GetTimestamp();
        for (TimeSpan pause = FirstPause; ; pause = Next(pause))
        {
            try
            {
                assertions();
                return;
            }
            catch (Exception failure)
            {
                ThrowIfOver(start, limit, reason, failure);
            }

            Thread.Sleep(pause);
        }
    }

    private static TimeSpan Next(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;

    private static void ThrowIfOver(long start, TimeSpan limit, string reason, Exception? failure)
    {
        if (Stopwatch.GetElapsedTime(start) < limit)
        {
            return;
        }

        string last = failure is null ? "" : $"; last failure: {failure.Message}";
        throw new TimeoutException($"waited {limit.TotalSeconds:0.###} s for {reason}{last}", failure);
    }
}
