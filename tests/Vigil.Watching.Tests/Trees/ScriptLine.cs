using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Vigil.Watching.Tests;

/// <summary>A change that a scenario expects.</summary>
/// <param name="Text">The change as it is told, with paths relative to the watched directory.</param>
/// <param name="Line">The line of the script.</param>
/// <param name="Block">Lines of one block come in any order.</param>
/// <param name="IsOptional">Whether it may be missing.</param>
internal sealed partial record ScriptLine(string Text, int Line, int Block, bool IsOptional)
{
    private const string Anything = "{*}";

    /// <summary>Whether the change may be told more than once in a row.</summary>
    internal bool MayRepeat => Text.StartsWith("modified ", StringComparison.Ordinal)
        || Text.StartsWith("metadata ", StringComparison.Ordinal)
        || Text.StartsWith("closed ", StringComparison.Ordinal);

    /// <summary>Whether a change that was told is this one.</summary>
    internal bool Fits(string told) => Text.Contains(Anything, StringComparison.Ordinal)
        ? Regex.IsMatch(told, $"^{Regex.Escape(Text).Replace(Regex.Escape(Anything), "[^/ ]*")}$")
        : Text == told;

    internal static ScriptLine Parse(string line, int number, int block)
    {
        bool isOptional = line.StartsWith("? ", StringComparison.Ordinal);
        string text = isOptional ? line[2..] : line;
        for (string before = ""; before != text;)
        {
            before = text;
            text = Repeat().Replace(before, match => string.Concat(Enumerable.Repeat(
                match.Groups[1].Value, int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))));
        }

        return new ScriptLine(text, number, block, isOptional);
    }

    /// <summary>A change as a script has it.</summary>
    internal static string Of(in FileChange change, string root)
    {
        string kind = FileChange.KindName(change.Kind);
        char type = change.Type switch
        {
            EntryType.File => 'f',
            EntryType.Directory => 'd',
            EntryType.Symlink => 'l',
            EntryType.Unknown => '-',
            _ => 'o',
        };
        string old = change.Kind == FileChangeKind.Renamed ? Relative(change.OldPathBytes, root) + " -> " : "";
        return $"{kind} {type} {old}{Relative(change.PathBytes, root)}".TrimEnd();
    }

    private static string Relative(ReadOnlySpan<byte> path, string root)
    {
        byte[] prefix = Encoding.UTF8.GetBytes(root);
        if (path.SequenceEqual(prefix))
        {
            return ".";
        }

        bool isInside = path.StartsWith(prefix) && path[prefix.Length] == '/';
        if (!isInside && !path.IsEmpty)
        {
            // Beside the watched directory: scripts write that with "..".
            string parent = System.IO.Path.GetDirectoryName(root)!;
            return "../" + Escape(path[(Encoding.UTF8.GetByteCount(parent) + 1)..]);
        }

        return isInside ? Escape(path[(prefix.Length + 1)..]) : "";
    }

    private static string Escape(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out Rune rune, out int used) != System.Buffers.OperationStatus.Done)
            {
                text.Append(CultureInfo.InvariantCulture, $"\\x{bytes[0]:x2}");
                bytes = bytes[1..];
                continue;
            }

            text.Append(rune.Value switch { '\n' => "\\n", '\\' => "\\\\", _ => rune.ToString() });
            bytes = bytes[used..];
        }

        return text.ToString();
    }

    [GeneratedRegex(@"\{([^*{}]+)\*(\d+)\}")]
    private static partial Regex Repeat();
}
