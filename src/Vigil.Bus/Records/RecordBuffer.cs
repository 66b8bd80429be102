using System.Buffers;

namespace Vigil.Bus.Records;

/// <summary>Records one after the other, in memory that grows. For one thread at a time.</summary>
internal sealed class RecordBuffer : IRecordSink
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private int _begun;

    /// <summary>All records.</summary>
    internal ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    public Span<byte> Begin(int bytes)
    {
        _begun = bytes;
        return _bytes.GetSpan(bytes)[..bytes];
    }

    public void End() => _bytes.Advance(_begun);

    /// <summary>Drops all, and keeps the memory.</summary>
    internal void Clear() => _bytes.ResetWrittenCount();
}
