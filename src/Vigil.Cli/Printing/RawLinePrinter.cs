using System.Globalization;
using Vigil.Watching;

namespace Vigil.Cli.Printing;

/// <summary>
/// The kernel's events as lines: <c>wd: 1, mask: 100, flags: [IN_CREATE], cookie: 0, len: 16, name: test</c>.
/// </summary>
internal sealed class RawLinePrinter(bool endsInNul) : IRawPrinter
{
    private const int FixedBytes = 96;
    private readonly MaskTexts _masks = new(static mask => string.Create(
        CultureInfo.InvariantCulture,
        $", mask: {(uint)mask:x}, flags: [{mask.KernelNames.Replace("|", ", ")}], cookie: "));

    public bool PrintReady(Output output) => false;

    public void Print(in RawEvent source, Output output)
    {
        ReadOnlySpan<byte> mask = _masks.Of(source.Mask);
        ByteWriter writer = output.Begin(FixedBytes + mask.Length + ByteWriter.EscapedBytes(source.Name.Length));
        writer.Write("wd: "u8);
        writer.WriteNumber(source.Watch);
        writer.Write(mask);
        writer.WriteNumber(source.Cookie);
        writer.Write(", len: "u8);
        writer.WriteNumber(source.Length);
        writer.Write(", name: "u8);
        if (endsInNul)
        {
            writer.Write(source.Name);
            writer.Write(0);
        }
        else
        {
            writer.WriteEscaped(source.Name);
            writer.Write((byte)'\n');
        }

        output.End(writer);
    }
}
