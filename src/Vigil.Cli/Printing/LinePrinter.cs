using Vigil.Watching;

namespace Vigil.Cli.Printing;

/// <summary>
/// Lines for people: the kind, then the path relative to the current directory. Names are escaped so that one change
/// stays one line, unless records end in NUL: then names are told as they are.
/// </summary>
internal sealed class LinePrinter(DisplayedPath paths, bool isColored, bool endsInNul) : IChangePrinter
{
    private const int FixedBytes = 64;
    private const int KindColumns = 8;

    public bool PrintsNotices => false;

    public void Print(in ChangeRecord change, Output output)
    {
        ReadOnlySpan<byte> path = paths.Of(change.Path);
        ReadOnlySpan<byte> oldPath = paths.Of(change.OldPath);
        ByteWriter writer = output.Begin(FixedBytes + ByteWriter.EscapedBytes(path.Length + oldPath.Length));
        ReadOnlySpan<byte> kind = KindNames.Of(change.Kind);
        if (isColored)
        {
            writer.Write(ColorOf(change.Kind));
        }

        writer.Write(kind);
        if (isColored)
        {
            writer.Write("\u001b[0m"u8);
        }

        writer.Write("          "u8[..(KindColumns - kind.Length + 2)]);
        if (change.Kind == FileChangeKind.Renamed)
        {
            WriteName(ref writer, oldPath);
            // A name may hold " -> ", but no NUL.
            writer.Write(endsInNul ? "\0"u8 : " -> "u8);
        }

        WriteName(ref writer, path);
        writer.Write((byte)(endsInNul ? 0 : '\n'));
        output.End(writer);
    }

    private static ReadOnlySpan<byte> ColorOf(FileChangeKind kind) => kind switch
    {
        FileChangeKind.Created => "\u001b[32m"u8,
        FileChangeKind.Deleted => "\u001b[31m"u8,
        FileChangeKind.Renamed => "\u001b[36m"u8,
        FileChangeKind.Modified => "\u001b[33m"u8,
        _ => "\u001b[2m"u8,
    };

    private void WriteName(ref ByteWriter writer, ReadOnlySpan<byte> name)
    {
        if (endsInNul)
        {
            writer.Write(name);
        }
        else
        {
            writer.WriteEscaped(name);
        }
    }
}
