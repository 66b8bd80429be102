namespace Vigil.Watching;

/// <summary>
/// The events in the bytes of one read from inotify, decoded in place while they are enumerated: nothing is allocated.
/// Never reads outside the bytes, whatever they are; what is malformed ends the enumeration
/// (<see cref="IsTruncated"/>).
/// </summary>
/// <remarks>
/// Source: inotify(7). An event is malformed where the bytes end inside it, or where its length is not padded to the
/// alignment of the next event (4 bytes). The kernel makes no such event. Valid as long as the bytes are.
/// </remarks>
/// <example><code>
/// foreach (InotifyEvent e in new InotifyEvents(buffer.AsSpan(0, count)))
///     Console.WriteLine(e.NameText);
/// </code></example>
public readonly ref partial struct InotifyEvents
{
    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>Looks at bytes as events.</summary>
    /// <param name="bytes">Exactly the bytes that were read.</param>
    public InotifyEvents(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>The bytes, as they were read.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Whether there are no bytes at all: with <see cref="Inotify.Read"/>, the time was over.</summary>
    public bool IsEmpty => _bytes.IsEmpty;

    /// <summary>
    /// Whether bytes are left that are no whole, well-formed event. Looks at every event; who enumerates anyway asks
    /// <see cref="Enumerator.IsTruncated"/> at the end.
    /// </summary>
    public bool IsTruncated
    {
        get
        {
            Enumerator events = GetEnumerator();
            while (events.MoveNext())
            {
            }

            return events.IsTruncated;
        }
    }

    /// <summary>Counts the whole, well-formed events; looks at each.</summary>
    /// <returns>Their number.</returns>
    public int Count()
    {
        int count = 0;
        foreach (InotifyEvent _ in this)
        {
            count++;
        }

        return count;
    }

    /// <summary>Starts before the first event.</summary>
    /// <returns>The enumerator.</returns>
    public Enumerator GetEnumerator() => new(_bytes);
}
