using System.Buffers.Binary;
using System.Text;

namespace Vigil.Bus.Wire;

/// <summary>Reads one message, of which nothing is believed: each field is looked for within what came.</summary>
internal ref struct MessageReader
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>A reader of what came in one packet.</summary>
    /// <exception cref="BusException">It is no message.</exception>
    internal MessageReader(ReadOnlySpan<byte> packet)
    {
        _rest = packet;
        uint length = ReadUInt32();
        ushort kind = BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)));
        ushort version = BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)));
        if (length != packet.Length)
        {
            throw new BusException(BusProblem.Protocol, "the message is not whole, or is none");
        }

        // What says which versions are spoken, and what refuses, is the same in all of them.
        Kind = (MessageKind)kind;
        if (version != Protocol.Version && Kind is not (MessageKind.Hello or MessageKind.Refused))
        {
            throw new BusException(
                BusProblem.Version, $"version {version} of the protocol is not known here, {Protocol.Version} is");
        }
    }

    internal MessageKind Kind { get; }

    internal uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    internal ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    internal long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    internal ReadOnlySpan<byte> ReadBytes() => Take(ReadUInt32());

    internal string ReadText() => Encoding.UTF8.GetString(ReadBytes());

    internal string[] ReadTexts(int most)
    {
        uint count = ReadUInt32();
        if (count > most)
        {
            throw new BusException(BusProblem.Protocol, $"there are {count} texts where there may be {most}");
        }

        string[] texts = new string[count];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = Platform.PathText.FromBytes(ReadBytes());
        }

        return texts;
    }

    private ReadOnlySpan<byte> Take(uint bytes)
    {
        if (bytes > _rest.Length)
        {
            throw new BusException(BusProblem.Protocol, "the message ends too early");
        }

        ReadOnlySpan<byte> taken = _rest[..(int)bytes];
        _rest = _rest[(int)bytes..];
        return taken;
    }
}
