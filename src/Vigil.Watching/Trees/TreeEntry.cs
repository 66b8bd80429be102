using System.Text;

namespace Vigil.Watching;

/// <summary>One entry of a watched tree, as a <see cref="TreeSnapshot"/> holds it. Immutable.</summary>
public readonly struct TreeEntry
{
    private readonly byte[] _path;

    internal TreeEntry(byte[] path, EntryType type, long sizeBytes, long modifiedNs)
    {
        _path = path;
        Type = type;
        SizeBytes = sizeBytes;
        ModifiedNs = modifiedNs;
    }

    /// <summary>The absolute path as bytes.</summary>
    public ReadOnlySpan<byte> PathBytes => _path;

    /// <summary>The absolute path; bytes that are not UTF-8 become U+FFFD. Decoded at each call.</summary>
    public string Path => Encoding.UTF8.GetString(_path);

    /// <summary>What it is.</summary>
    public EntryType Type { get; }

    /// <summary>The length in bytes when the watcher looked last.</summary>
    public long SizeBytes { get; }

    /// <summary>
    /// When its content had changed last, as nanoseconds since 1970 UTC, when the watcher looked last.
    /// </summary>
    public long ModifiedNs { get; }
}
