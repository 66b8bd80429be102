using System.Globalization;
using System.Text;

namespace Vigil.Watching;

/// <summary>
/// One event of inotify(7), as a view over the bytes that were read: nothing is copied, and it is valid as long as
/// those bytes are (with <see cref="Inotify"/>, until its next read).
/// </summary>
public readonly ref struct InotifyEvent
{
    private readonly InotifyEventHeader _header;
    private readonly ReadOnlySpan<byte> _paddedName;

    internal InotifyEvent(InotifyEventHeader header, ReadOnlySpan<byte> paddedName)
    {
        _header = header;
        _paddedName = paddedName;
    }

    /// <summary>The watch that it belongs to; -1 for <see cref="IsOverflow"/>.</summary>
    public WatchDescriptor Watch => new(_header.Watch);

    /// <summary>
    /// What happened: one event bit, and <see cref="InotifyMask.IsDir"/> where it is about a directory.
    /// </summary>
    public InotifyMask Mask => (InotifyMask)_header.Mask;

    /// <summary>A number that the two halves of a rename share; 0 for every other event.</summary>
    public uint Cookie => _header.Cookie;

    /// <summary>The bytes of the name with its padding, as the kernel counts them; 0 where there is no name.</summary>
    public int Length => _paddedName.Length;

    /// <summary>
    /// The name in the watched directory as bytes, without the NULs it is padded with; empty for an event about the
    /// watched thing itself. Names on Linux are bytes, not characters.
    /// </summary>
    public ReadOnlySpan<byte> Name
    {
        get
        {
            int end = _paddedName.IndexOf((byte)0);
            return end < 0 ? _paddedName : _paddedName[..end];
        }
    }

    /// <summary>
    /// The name as text; bytes that are not UTF-8 become U+FFFD. Decoded, and allocated, at each call.
    /// </summary>
    public string NameText => Encoding.UTF8.GetString(Name);

    /// <summary>The name and one NUL behind it, as the kernel's calls take names; empty where there is none.</summary>
    internal ReadOnlySpan<byte> TerminatedName
    {
        get
        {
            int end = _paddedName.IndexOf((byte)0);
            return end <= 0 ? default : _paddedName[..(end + 1)];
        }
    }

    /// <summary>Whether the queue was full and events after this point were lost (IN_Q_OVERFLOW).</summary>
    public bool IsOverflow => (Mask & InotifyMask.QueueOverflow) != 0;

    /// <summary>Whether this is the last event of its watch, which is gone (IN_IGNORED).</summary>
    public bool IsIgnored => (Mask & InotifyMask.Ignored) != 0;

    /// <summary>Whether the event is about a directory (IN_ISDIR).</summary>
    public bool IsDirectory => (Mask & InotifyMask.IsDir) != 0;

    /// <summary>
    /// All of it on one line: <c>wd: 1, mask: 100, flags: [IN_CREATE], cookie: 0, len: 16, name: test</c>.
    /// </summary>
    /// <returns>A line for people.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"wd: {Watch.Value}, mask: {(uint)Mask:x}, flags: [{Mask.KernelNames.Replace("|", ", ")}], "
        + $"cookie: {Cookie}, len: {Length}, name: {NameText}");
}
