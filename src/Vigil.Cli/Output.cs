using Vigil.Cli.Printing;
using Vigil.Platform.Linux;

namespace Vigil.Cli;

/// <summary>
/// Standard output behind a buffer of whole records: they leave by write(2) when the buffer is full or the writer has
/// caught up (<see cref="Flush"/>). For one thread at a time.
/// </summary>
internal sealed class Output
{
    private const int BufferBytes = 64 * 1024;
    private readonly StandardStream _stream;
    private byte[] _buffer = new byte[BufferBytes];
    private int _used;

    public Output(StandardStream stream) => _stream = stream;

    /// <summary>Whether nobody reads any more; then everything is dropped.</summary>
    public bool IsClosed { get; private set; }

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
        if (_used == 0)
        {
            return;
        }

        ReadOnlySpan<byte> bytes = Pending;
        _used = 0;
        if (!IsClosed && !_stream.TryWrite(bytes))
        {
            IsClosed = true;
        }
    }

    /// <summary>Drops what is in the buffer.</summary>
    public void Clear() => _used = 0;

    private void MakeRoom(int maxBytes)
    {
        Flush();
        if (_buffer.Length < maxBytes)
        {
            _buffer = new byte[maxBytes];
        }
    }
}
