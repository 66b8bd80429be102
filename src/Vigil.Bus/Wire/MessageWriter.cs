using System.Text;

namespace Vigil.Bus.Wire;

/// <summary>
/// Writes one message: its length, kind and version, then its fields, all little-endian; texts and paths with their
/// length before them.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "A stream in memory holds nothing that has to be given back.")]
internal sealed class MessageWriter
{
    private readonly MemoryStream _stream = new();
    private readonly BinaryWriter _writer;

    internal MessageWriter(MessageKind kind)
    {
        _writer = new BinaryWriter(_stream);
        _writer.Write(0u);
        _writer.Write((ushort)kind);
        _writer.Write((ushort)Protocol.Version);
    }

    internal MessageWriter Write(uint value)
    {
        _writer.Write(value);
        return this;
    }

    internal MessageWriter Write(ulong value)
    {
        _writer.Write(value);
        return this;
    }

    internal MessageWriter Write(long value)
    {
        _writer.Write(value);
        return this;
    }

    internal MessageWriter Write(ReadOnlySpan<byte> bytes)
    {
        _writer.Write((uint)bytes.Length);
        _writer.Write(bytes);
        return this;
    }

    internal MessageWriter Write(string text) => Write(Encoding.UTF8.GetBytes(text));

    internal MessageWriter Write(IReadOnlyCollection<string> texts)
    {
        _writer.Write((uint)texts.Count);
        foreach (string text in texts)
        {
            _ = Write(Platform.PathText.ToBytes(text));
        }

        return this;
    }

    /// <summary>The whole message.</summary>
    internal byte[] ToArray()
    {
        _stream.Position = 0;
        _writer.Write((uint)_stream.Length);
        return _stream.ToArray();
    }
}
