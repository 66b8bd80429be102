using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>Reading in tests: always until a condition, never for a time.</summary>
internal static class EventReading
{
    /// <summary>
    /// Everything that is in the queue now. The kernel queues an event before the call that caused it returns.
    /// </summary>
    internal static List<RawEvent> Drain(this Inotify inotify)
    {
        List<RawEvent> events = [];
        while (true)
        {
            InotifyEvents batch = inotify.TryRead();
            if (batch.IsEmpty)
            {
                return events;
            }

            Assert.False(batch.IsTruncated);
            foreach (InotifyEvent e in batch)
            {
                events.Add(RawEvent.Copy(e));
            }
        }
    }

    /// <summary>The texts of <see cref="Drain"/>.</summary>
    internal static string[] DrainShort(this Inotify inotify) => [.. inotify.Drain().Select(static e => e.Short)];

    /// <summary>Reads until an event fits, and returns all events so far.</summary>
    internal static List<RawEvent> ReadUntil(this Inotify inotify, Func<RawEvent, bool> isLast, string reason)
    {
        List<RawEvent> events = [];
        Eventually.True(
            () =>
            {
                events.AddRange(inotify.Drain());
                return events.Exists(e => isLast(e));
            },
            reason);
        return events;
    }
}
