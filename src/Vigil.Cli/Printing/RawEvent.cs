using Vigil.Watching;

namespace Vigil.Cli.Printing;

/// <summary>One of the kernel's events as the printers see it.</summary>
internal readonly ref struct RawEvent
{
    public RawEvent()
    {
    }

    /// <summary>A view of an event.</summary>
    /// <param name="source">The event.</param>
    public RawEvent(in InotifyEvent source)
    {
        Watch = source.Watch.Value;
        Mask = source.Mask;
        Cookie = source.Cookie;
        Length = source.Length;
        Name = source.Name;
    }

    public int Watch { get; init; }

    public InotifyMask Mask { get; init; }

    public uint Cookie { get; init; }

    public int Length { get; init; }

    public ReadOnlySpan<byte> Name { get; init; }
}
