using Vigil.Bus.Records;
using Vigil.Platform.Linux;

namespace Vigil.Bus.Client;

/// <summary>Records in sealed memory that came from the server, to be read once from start to end.</summary>
internal sealed class SharedRecords : IDisposable
{
    private const MemorySeals Needed = MemorySeals.Shrink | MemorySeals.Write;
    private const long MostBytes = 1L << 40;

    private readonly MemoryMapping? _mapping;
    private long _next;

    /// <summary>Takes what came; nothing of it is believed.</summary>
    /// <param name="file">The memory, which this disposes; null where there is none.</param>
    /// <param name="lengthBytes">How much there is said to be.</param>
    /// <exception cref="BusException">It is not what was said, or could be changed while it is read.</exception>
    internal SharedRecords(MemoryFile? file, long lengthBytes)
    {
        using (file)
        {
            if (lengthBytes == 0)
            {
                return;
            }

            // Beyond the end of a file that is cut off, a read would be a SIGBUS.
            if (file is null || lengthBytes is < 0 or > MostBytes || (file.Seals & Needed) != Needed
                || file.LengthBytes < lengthBytes || file.AllocatedBytes < lengthBytes)
            {
                throw new BusException(BusProblem.Protocol, "what came with the answer is not sealed memory");
            }

            _mapping = MemoryMapping.Create(file, lengthBytes, writable: false, populate: false);
        }
    }

    /// <summary>All bytes, for what is no records.</summary>
    internal unsafe ReadOnlySpan<byte> Bytes =>
        _mapping is null ? default : new ReadOnlySpan<byte>(_mapping.Address, checked((int)_mapping.LengthBytes));

    /// <summary>The next record.</summary>
    /// <exception cref="BusException">There is something that is none.</exception>
    internal unsafe bool TryRead(out ChangeRecord record)
    {
        record = default;
        if (_mapping is null || _next == _mapping.LengthBytes)
        {
            return false;
        }

        int length = (int)Math.Min(int.MaxValue, _mapping.LengthBytes - _next);
        if (!ChangeRecord.TryRead(new ReadOnlySpan<byte>(_mapping.Address + _next, length), out record))
        {
            throw new BusException(BusProblem.Protocol, "what the server sent is no record");
        }

        _next += record.Bytes.Length;
        return true;
    }

    public void Dispose() => _mapping?.Dispose();
}
