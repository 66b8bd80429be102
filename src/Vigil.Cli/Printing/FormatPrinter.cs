using System.Text;
using Vigil.Platform;
using Vigil.Watching;

namespace Vigil.Cli.Printing;

/// <summary>
/// Records in a shape of the user's, with the conversions of inotifywait(1): <c>%w</c> the directory with a slash at
/// its end, <c>%f</c> the name in it, <c>%e</c> what happened, <c>%T</c> the time, <c>%0</c> NUL, <c>%n</c> a line end;
/// and <c>%o</c>, where a renamed entry was, and <c>%%</c>. A watched path itself is <c>%w</c>, and <c>%f</c> is empty,
/// as in inotifywait. Names are told as they are.
/// </summary>
internal sealed class FormatPrinter : IChangePrinter
{
    private const string Conversions = "%w %f %e %o %T %0 %n %%";
    private readonly DisplayedPath _paths;
    private readonly byte[][] _roots;
    private readonly List<Part> _parts;
    private readonly int _literalBytes;
    private readonly int _pathParts;
    private readonly bool _endsRecord;
    private readonly byte _recordEnd;
    private readonly Timestamp _timestamp = new();

    /// <summary>Prepares a format.</summary>
    /// <param name="format">The format, checked by <see cref="Check"/> before.</param>
    /// <param name="paths">How paths are shown.</param>
    /// <param name="roots">The watched paths, absolute.</param>
    /// <param name="endsInNul">Whether NUL and not a line end follows each record.</param>
    public FormatPrinter(string format, DisplayedPath paths, IEnumerable<string> roots, bool endsInNul)
    {
        _paths = paths;
        _roots = [.. roots.Select(PathText.ToBytes)];
        _parts = Parse(format, out _, out bool endsItself);
        // A format that ends its records itself gets nothing added.
        _endsRecord = !endsItself;
        _recordEnd = (byte)(endsInNul ? 0 : '\n');
        foreach (Part part in _parts)
        {
            _literalBytes += part.Literal?.Length ?? Timestamp.Bytes;
            _pathParts += part.Conversion is 'w' or 'f' or 'o' ? 1 : 0;
        }
    }

    public bool PrintsNotices => false;

    /// <summary>What is wrong with a format, or null.</summary>
    public static string? Check(string format)
    {
        _ = Parse(format, out string? problem, out _);
        return problem;
    }

    public void Print(in ChangeRecord change, Output output)
    {
        Split(change, out ReadOnlySpan<byte> directory, out ReadOnlySpan<byte> name);
        int longest = Math.Max(change.Path.Length, change.OldPath.Length) + 2;
        ByteWriter writer = output.Begin(_literalBytes + (_pathParts * longest) + 1);
        foreach (Part part in _parts)
        {
            switch (part.Conversion)
            {
                case 'w':
                    writer.Write(directory);
                    // A watched directory itself came without its slash; every other one has it.
                    if (name.IsEmpty && change.Type == EntryType.Directory && directory[^1] != '/')
                    {
                        writer.Write((byte)'/');
                    }

                    break;
                case 'f':
                    writer.Write(name);
                    break;
                case 'e':
                    WriteEvents(ref writer, change, part.Separator);
                    break;
                case 'o':
                    writer.Write(_paths.Of(change.OldPath));
                    break;
                case 'T':
                    _timestamp.Write(ref writer, change.TimeTicks);
                    break;
                default:
                    writer.Write(part.Literal);
                    break;
            }
        }

        if (_endsRecord)
        {
            writer.Write(_recordEnd);
        }

        output.End(writer);
    }

    private static void WriteEvents(ref ByteWriter writer, in ChangeRecord change, byte separator)
    {
        writer.Write(KindNames.Of(change.Kind));
        if (change.Type == EntryType.Directory)
        {
            writer.Write(separator);
            writer.Write("isdir"u8);
        }
    }

    private static List<Part> Parse(string format, out string? problem, out bool endsItself)
    {
        List<Part> parts = [];
        StringBuilder literal = new();
        problem = null;
        endsItself = false;
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                literal.Append(format[i]);
                continue;
            }

            char conversion = ++i < format.Length ? format[i] : '\0';
            switch (conversion)
            {
                case '%' or '0' or 'n':
                    endsItself = conversion != '%' && i == format.Length - 1;
                    literal.Append(conversion switch { '0' => '\0', 'n' => '\n', _ => '%' });
                    continue;
                case 'w' or 'f' or 'e' or 'o' or 'T':
                    AddLiteral(parts, literal);
                    parts.Add(new Part(conversion, (byte)',', null));
                    continue;
                case > ' ' and < '\x7f' when i + 1 < format.Length && format[i + 1] == 'e':
                    // %Xe: events with X between them.
                    AddLiteral(parts, literal);
                    parts.Add(new Part('e', (byte)conversion, null));
                    i++;
                    continue;
                default:
                    string typed = conversion == '\0' ? "a % at the end" : $"unknown conversion '%{conversion}'";
                    problem ??= $"{typed} in '{format}'; known are {Conversions}";
                    continue;
            }
        }

        AddLiteral(parts, literal);
        return parts;
    }

    private static void AddLiteral(List<Part> parts, StringBuilder literal)
    {
        if (literal.Length > 0)
        {
            parts.Add(new Part('\0', 0, PathText.ToBytes(literal.ToString())));
            literal.Clear();
        }
    }

    private void Split(in ChangeRecord change, out ReadOnlySpan<byte> directory, out ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> path = change.Path;
        int slash = path.LastIndexOf((byte)'/');
        if (slash < 0 || IsRoot(path))
        {
            directory = _paths.Of(path);
            name = [];
            return;
        }

        name = path[(slash + 1)..];
        ReadOnlySpan<byte> parent = path[..(slash + 1)];
        ReadOnlySpan<byte> shown = _paths.Of(parent);
        directory = shown.SequenceEqual("."u8) ? "./"u8 : shown;
    }

    private bool IsRoot(ReadOnlySpan<byte> path)
    {
        foreach (byte[] root in _roots)
        {
            if (path.SequenceEqual(root))
            {
                return true;
            }
        }

        return false;
    }

    private readonly record struct Part(char Conversion, byte Separator, byte[]? Literal);
}
