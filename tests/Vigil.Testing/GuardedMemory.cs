namespace Vigil.Testing;

/// <summary>
/// Memory between two pages that may not be touched: a read one byte before its start or behind its end kills the
/// process, so that no decoder can leave its input unseen.
/// </summary>
public sealed unsafe class GuardedMemory : IDisposable
{
    private readonly byte* _start;
    private readonly nuint _pageBytes = (nuint)Environment.SystemPageSize;
    private readonly nuint _dataBytes;
    private bool _disposed;

    /// <summary>Maps the memory.</summary>
    /// <param name="capacityBytes">The longest input; rounded up to whole pages.</param>
    public GuardedMemory(int capacityBytes)
    {
        _dataBytes = ((nuint)capacityBytes + _pageBytes - 1) / _pageBytes * _pageBytes;
        _start = Libc.Map(null, MappedBytes, Libc.PROT_NONE, Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS, -1, 0);
        if ((nint)_start == -1 || Libc.Protect(Data, _dataBytes, Libc.PROT_READ | Libc.PROT_WRITE) != 0)
        {
            throw new IOException("mmap: no memory");
        }
    }

    private byte* Data => _start + _pageBytes;

    private nuint MappedBytes => _dataBytes + (2 * _pageBytes);

    /// <summary>A copy that ends where the forbidden page begins. The next copy overwrites it.</summary>
    /// <param name="bytes">What is copied.</param>
    public ReadOnlySpan<byte> AtEnd(ReadOnlySpan<byte> bytes) => Copy(bytes, Data + _dataBytes - bytes.Length);

    /// <summary>A copy that begins where the forbidden page ends. The next copy overwrites it.</summary>
    /// <param name="bytes">What is copied.</param>
    public ReadOnlySpan<byte> AtStart(ReadOnlySpan<byte> bytes) => Copy(bytes, Data);

    /// <summary>Gives the memory back; the copies are gone.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _ = Libc.Unmap(_start, MappedBytes);
        }
    }

    private ReadOnlySpan<byte> Copy(ReadOnlySpan<byte> bytes, byte* place)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((nuint)bytes.Length, _dataBytes);
        Span<byte> copy = new(place, bytes.Length);
        bytes.CopyTo(copy);
        return copy;
    }
}
