using System.Buffers;
using System.Text;

namespace Vigil.Cli.Printing;

/// <summary>UTF-8, one character at a time.</summary>
internal static class Utf8Sequence
{
    /// <summary>The length of the first character, or of the bytes that are none.</summary>
    /// <param name="bytes">At least one byte.</param>
    /// <param name="isValid">
    /// Whether they are a character; else they become one U+FFFD, as in <see cref="Encoding.UTF8"/> (Unicode, section
    /// 3.9).
    /// </param>
    public static int Length(ReadOnlySpan<byte> bytes, out bool isValid)
    {
        isValid = true;
        if (bytes[0] < 0x80)
        {
            return 1;
        }

        isValid = Rune.DecodeFromUtf8(bytes, out _, out int consumed) == OperationStatus.Done;
        return consumed;
    }
}
