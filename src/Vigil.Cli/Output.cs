using Vigil.Cli.Printing;
using Vigil.Platform.Linux;

namespace Vigil.Cli;

/// <summary>
/// Standard output behind a buffer of whole records: they leave by write(2) when the buffer is full or the writer has
/// caught up (<see cref="Flush"/>). What is written in one piece ends with a record, wherever it is cut, unless a
/// single record does not fit into what a pipe takes at once. A reader may be slow for as long as it likes; once the
/// end of the run has come, a second without a successful write makes it one that reads no more, and what is left is
/// dropped and counted. For one thread at a time.
/// </summary>
internal sealed class Output
{
    private const int BufferBytes = 64 * 1024;
    private readonly StandardStream _stream;
    private readonly SessionEnd? _end;
    private byte[] _buffer = new byte[BufferBytes];
    private int _used;

    // Where the records in the buffer end. A byte cannot tell: names hold line ends, and a rename has two names.
    private int[] _ends = new int[BufferBytes / 16];
    private int _endCount;
    private long _lostBytes;
    private volatile bool _isStuck;

    /// <summary>An output.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="end">The end of the run; null where writes may wait for ever.</param>
    public Output(StandardStream stream, SessionEnd? end = null)
    {
        _stream = stream;
        _end = end;
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
    public void End(scoped in ByteWriter writer)
    {
        _used += writer.Count;
        if (_endCount == _ends.Length)
        {
            Array.Resize(ref _ends, _endCount * 2);
        }

        _ends[_endCount++] = _used;
    }

    /// <summary>Writes what is in the buffer.</summary>
    /// <exception cref="VigilException">The file system is full, the terminal is gone, and the like.</exception>
    public void Flush()
    {
        int written = 0;
        try
        {
            while (written < _used && !IsClosed && !_isStuck)
            {
                int piece = PieceBytes(written);
                int count = piece == 0 ? 0 : _stream.TryWriteSome(_buffer.AsSpan(written, piece));
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
            Clear();
        }
    }

    /// <summary>Drops what is in the buffer.</summary>
    public void Clear()
    {
        _used = 0;
        _endCount = 0;
    }

    // What can be written now and ends with a record, if there is such a piece.
    private int PieceBytes(int written)
    {
        int room = _stream.RoomBytes();
        if (room >= _used - written)
        {
            return _used - written;
        }

        int index = Array.BinarySearch(_ends, 0, _endCount, written + room);
        int last = index >= 0 ? index : ~index - 1;
        return last >= 0 && _ends[last] > written ? _ends[last] - written : room;
    }

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
