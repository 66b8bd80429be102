using Vigil.Cli.Printing;
using Vigil.Platform.Linux;

namespace Vigil.Cli;

/// <summary>
/// Standard output behind a buffer of whole records: they leave by write(2) when the buffer is full or the writer has
/// caught up (<see cref="Flush"/>). A reader may be slow for as long as it likes; once the end of the run has come, a
/// second without a successful write makes it one that reads no more, and what is left is dropped and counted. For one
/// thread at a time.
/// </summary>
internal sealed class Output
{
    private const int BufferBytes = 64 * 1024;
    private readonly StandardStream _stream;
    private readonly SessionEnd? _end;
    private readonly byte _recordEnd;
    private byte[] _buffer = new byte[BufferBytes];
    private int _used;
    private long _lostBytes;
    private volatile bool _isStuck;

    /// <summary>An output.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="end">The end of the run; null where writes may wait for ever.</param>
    /// <param name="recordEnd">The byte that ends a record, so that a piece can end with one.</param>
    public Output(StandardStream stream, SessionEnd? end = null, byte recordEnd = (byte)'\n')
    {
        _stream = stream;
        _end = end;
        _recordEnd = recordEnd;
    }

    /// <summary>Whether nobody reads any more; then everything is dropped.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>How many bytes were dropped, or still wait, because they were not read in time. Any thread.</summary>
    public long LostBytes => Volatile.Read(ref _lostBytes) + Volatile.Read(ref _used);

    /// <summary>The bytes that wait to be written.</summary>
    public ReadOnlySpan<byte> Pending => _buffer.AsSpan(0, _used);

    /// <summary>Room for one record; <see cref="End"/> takes it in.</summary>
    /// <param name="maxBytes">No record is longer than this.</param>
    public ByteWriter Begin(int maxBytes)
    {
        if (_buffer.Length - _used < maxBytes)
        {
            MakeRoom(maxBytes);
        }

        return new ByteWriter(_buffer.AsSpan(_used));
    }

    /// <summary>Takes in what was written since <see cref="Begin"/>.</summary>
    public void End(scoped in ByteWriter writer) => _used += writer.Count;

    /// <summary>Writes what is in the buffer.</summary>
    /// <exception cref="VigilException">The file system is full, the terminal is gone, and the like.</exception>
    public void Flush()
    {
        int written = 0;
        try
        {
            while (written < _used && !IsClosed && !_isStuck)
            {
                int count = _stream.TryWriteSome(_buffer.AsSpan(written, _used - written), _recordEnd);
                IsClosed = count < 0;
                written += Math.Max(0, count);
                if (count > 0)
                {
                    _end?.NoteProgress();
                }
                else if (count == 0 && !WaitForRoom())
                {
                    _isStuck = true;
                    Volatile.Write(ref _lostBytes, _lostBytes + _used - written);
                    written = _used;
                }
            }

            if (_isStuck && written < _used)
            {
                Volatile.Write(ref _lostBytes, _lostBytes + _used - written);
            }
        }
        finally
        {
            _used = 0;
        }
    }

    /// <summary>Drops what is in the buffer.</summary>
    public void Clear() => _used = 0;

    private bool WaitForRoom()
    {
        if (_end is not null)
        {
            return _end.WaitForRoom(_stream);
        }

        _ = _stream.WaitForRoom(wake: null, Timeout.Infinite);
        return true;
    }

    private void MakeRoom(int maxBytes)
    {
        Flush();
        if (_buffer.Length < maxBytes)
        {
            _buffer = new byte[maxBytes];
        }
    }
}
