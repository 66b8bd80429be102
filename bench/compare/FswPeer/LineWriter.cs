using System.Text;

namespace Vigil.Compare.FswPeer;

/// <summary>
/// Writes <c>Kind TAB path [TAB old path]</c> lines, at once or gathered, so that output costs the peer little.
/// </summary>
internal sealed class LineWriter : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Stream _stream;
    private readonly Timer? _timer;
    private byte[] _buffer = new byte[64 * 1024];
    private int _length;

    public LineWriter(Stream stream, TimeSpan flushEvery)
    {
        _stream = stream;
        if (flushEvery > TimeSpan.Zero)
        {
            _timer = new Timer(_ => Flush(), null, flushEvery, flushEvery);
        }
    }

    public void Write(string kind, string path, string? oldPath = null)
    {
        lock (_lock)
        {
            Append(kind);
            _buffer[_length++] = (byte)'\t';
            Append(path);
            if (oldPath is not null)
            {
                _buffer[_length++] = (byte)'\t';
                Append(oldPath);
            }

            _buffer[_length++] = (byte)'\n';
            if (_timer is null || _length > _buffer.Length - 8 * 1024)
            {
                FlushLocked();
            }
        }
    }

    public void Flush()
    {
        lock (_lock)
        {
            FlushLocked();
        }
    }

    public void Dispose()
    {
        _timer?.Dispose();
        Flush();
    }

    private void Append(string text)
    {
        int mostBytes = Encoding.UTF8.GetMaxByteCount(text.Length) + 2;
        if (_length + mostBytes > _buffer.Length)
        {
            FlushLocked();
            if (mostBytes > _buffer.Length)
            {
                _buffer = new byte[mostBytes];
            }
        }

        _length += Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_length));
    }

    private void FlushLocked()
    {
        if (_length > 0)
        {
            _stream.Write(_buffer, 0, _length);
            _stream.Flush();
            _length = 0;
        }
    }
}
