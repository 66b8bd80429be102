using System.Globalization;
using System.Text;
using Vigil.Watching;

namespace Vigil.Cli.Printing;

/// <summary>The kernel's events as JSON Lines, after a first line that tells that every watch is set.</summary>
internal sealed class RawJsonPrinter : IRawPrinter
{
    private const int FixedBytes = 128;
    private readonly MaskTexts _masks = new(WriteMask);

    // By watch descriptor; each is the end of the object, ready to be copied.
    private readonly List<byte[]?> _watches = [];

    /// <summary>Remembers what a watch descriptor stands for.</summary>
    /// <param name="watch">The watch descriptor.</param>
    /// <param name="path">The path as it is shown.</param>
    public void AddWatch(int watch, ReadOnlySpan<byte> path)
    {
        byte[] room = new byte[64 + ByteWriter.EscapedBytes(path.Length) + ByteWriter.Base64Bytes(path.Length)];
        ByteWriter writer = new(room);
        writer.Write(",\"watch\":\""u8);
        if (!writer.WriteJsonText(path))
        {
            writer.Write("\",\"watchBytes\":\""u8);
            writer.WriteBase64(path);
        }

        writer.Write((byte)'"');
        while (_watches.Count <= watch)
        {
            _watches.Add(null);
        }

        // One inode under two of the paths has one watch; the first name stands.
        _watches[watch] ??= writer.Written.ToArray();
    }

    public bool PrintReady(Output output)
    {
        ByteWriter writer = output.Begin(FixedBytes);
        writer.Write("{\"kind\":\"ready\"}\n"u8);
        output.End(writer);
        return true;
    }

    public void Print(in RawEvent source, Output output)
    {
        ReadOnlySpan<byte> name = source.Name;
        ReadOnlySpan<byte> mask = _masks.Of(source.Mask);
        ReadOnlySpan<byte> watch = (uint)source.Watch < (uint)_watches.Count ? _watches[source.Watch] : null;
        int nameBytes = ByteWriter.EscapedBytes(name.Length) + ByteWriter.Base64Bytes(name.Length);
        ByteWriter writer = output.Begin(FixedBytes + mask.Length + watch.Length + nameBytes);
        writer.Write("{\"wd\":"u8);
        writer.WriteNumber(source.Watch);
        writer.Write(mask);
        writer.WriteNumber(source.Cookie);
        writer.Write(",\"len\":"u8);
        writer.WriteNumber(source.Length);
        writer.Write(",\"name\":\""u8);
        if (!writer.WriteJsonText(name))
        {
            writer.Write("\",\"nameBytes\":\""u8);
            writer.WriteBase64(name);
        }

        writer.Write((byte)'"');
        writer.Write(watch);
        writer.Write("}\n"u8);
        output.End(writer);
    }

    private static string WriteMask(InotifyMask mask)
    {
        string names = mask == InotifyMask.None ? string.Empty : $"\"{mask.KernelNames.Replace("|", "\",\"")}\"";
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $",\"mask\":{(uint)mask},\"flags\":[{names}],\"cookie\":");
        return text.ToString();
    }
}
