using System.Buffers.Text;
using System.Runtime.CompilerServices;

namespace Vigil.Cli.Printing;

/// <summary>
/// Puts bytes one after the other into room that was measured before. Writing more than the room is an error.
/// </summary>
internal ref struct ByteWriter
{
    private const byte Backslash = (byte)'\\';
    private readonly Span<byte> _room;
    private int _count;

    public ByteWriter(Span<byte> room)
    {
        _room = room;
        _count = 0;
    }

    /// <summary>How many bytes were written.</summary>
    public readonly int Count => _count;

    /// <summary>The bytes that were written.</summary>
    public readonly ReadOnlySpan<byte> Written => _room[.._count];

    /// <summary>The most bytes that a name of so many bytes takes when it is escaped, for people or for JSON.</summary>
    public static int EscapedBytes(int count) => count * 6;

    /// <summary>The bytes that base64 takes.</summary>
    public static int Base64Bytes(int count) => Base64.GetMaxEncodedToUtf8Length(count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_room[_count..]);
        _count += bytes.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(byte value) => _room[_count++] = value;

    /// <summary>Text that is known to be ASCII.</summary>
    public void WriteAscii(string text)
    {
        foreach (char c in text)
        {
            Write((byte)c);
        }
    }

    public void WriteNumber(long value)
    {
        _ = Utf8Formatter.TryFormat(value, _room[_count..], out int written);
        _count += written;
    }

    /// <summary>A number in hexadecimal, without zeros in front.</summary>
    public void WriteHex(uint value)
    {
        int digits = value == 0 ? 1 : (35 - int.CreateChecked(uint.LeadingZeroCount(value))) / 4;
        for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4)
        {
            Write(HexDigit((value >> shift) & 0xf));
        }
    }

    public void WriteDecimal(uint value, int digits)
    {
        Span<byte> room = _room.Slice(_count, digits);
        for (int i = digits - 1; i >= 0; i--)
        {
            room[i] = (byte)('0' + (value % 10));
            value /= 10;
        }

        _count += digits;
    }

    public void WriteBase64(scoped ReadOnlySpan<byte> bytes)
    {
        _ = Base64.EncodeToUtf8(bytes, _room[_count..], out _, out int written);
        _count += written;
    }

    /// <summary>
    /// A name for people: one line whatever is in it. Control characters become <c>\n</c>, <c>\t</c>, <c>\r</c> or
    /// <c>\x1b</c>, bytes that are not UTF-8 become <c>\xff</c>, and a backslash is doubled so that no two names look
    /// alike.
    /// </summary>
    public void WriteEscaped(scoped ReadOnlySpan<byte> name, bool escapeBackslash = true)
    {
        if (IsPlain(name) && name.IndexOf(Backslash) < 0)
        {
            Write(name);
            return;
        }

        while (!name.IsEmpty)
        {
            int length = Utf8Sequence.Length(name, out bool isValid);
            if (isValid)
            {
                WriteEscapedSequence(name[..length], escapeBackslash);
            }
            else
            {
                foreach (byte value in name[..length])
                {
                    WriteHexEscape(value);
                }
            }

            name = name[length..];
        }
    }

    /// <summary>The inside of a JSON string (RFC 8259, section 7); bytes that are not UTF-8 become U+FFFD.</summary>
    /// <returns>Whether all of it was UTF-8.</returns>
    public bool WriteJsonText(scoped ReadOnlySpan<byte> name)
    {
        if (IsPlain(name) && name.IndexOfAny(Backslash, (byte)'"') < 0)
        {
            Write(name);
            return true;
        }

        bool isUtf8 = true;
        while (!name.IsEmpty)
        {
            int length = Utf8Sequence.Length(name, out bool isValid);
            if (isValid)
            {
                WriteJsonSequence(name[..length]);
            }
            else
            {
                isUtf8 = false;
                Write("\uFFFD"u8);
            }

            name = name[length..];
        }

        return isUtf8;
    }

    // Printable ASCII: nearly every name, and found out 16 or 32 bytes at a time.
    private static bool IsPlain(ReadOnlySpan<byte> name) => name.IndexOfAnyExceptInRange((byte)0x20, (byte)0x7e) < 0;

    private static byte HexDigit(uint value) => (byte)(value < 10 ? '0' + value : 'a' + value - 10);

    private void WriteEscapedSequence(scoped ReadOnlySpan<byte> sequence, bool escapeBackslash)
    {
        byte first = sequence[0];
        switch (first)
        {
            case (byte)'\n':
                Write("\\n"u8);
                break;
            case (byte)'\t':
                Write("\\t"u8);
                break;
            case (byte)'\r':
                Write("\\r"u8);
                break;
            case Backslash when escapeBackslash:
                Write("\\\\"u8);
                break;
            case < 0x20 or 0x7f:
                WriteHexEscape(first);
                break;
            case 0xc2 when sequence[1] < 0xa0:
                // U+0080 to U+009F: control characters that some terminals obey.
                WriteHexEscape(first);
                WriteHexEscape(sequence[1]);
                break;
            default:
                Write(sequence);
                break;
        }
    }

    private void WriteHexEscape(byte value)
    {
        Write("\\x"u8);
        Write(HexDigit((uint)value >> 4));
        Write(HexDigit(value & 0xfu));
    }

    private void WriteJsonSequence(scoped ReadOnlySpan<byte> sequence)
    {
        byte first = sequence[0];
        switch (first)
        {
            case (byte)'"' or Backslash:
                Write(Backslash);
                Write(first);
                break;
            case (byte)'\n':
                Write("\\n"u8);
                break;
            case (byte)'\t':
                Write("\\t"u8);
                break;
            case (byte)'\r':
                Write("\\r"u8);
                break;
            case < 0x20 or 0x7f:
                Write("\\u00"u8);
                Write(HexDigit((uint)first >> 4));
                Write(HexDigit(first & 0xfu));
                break;
            default:
                Write(sequence);
                break;
        }
    }
}
