using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Vigil.Platform;

/// <summary>
/// Paths as text and as bytes, both ways without a loss. A path on Linux is bytes, and need not be UTF-8: each byte
/// that is not becomes one lone surrogate, U+DC80 for 0x80 to U+DCFF for 0xff, which no valid text contains. Written as
/// UTF-8 by anything but <see cref="ToBytes"/>, such a text shows U+FFFD there. All members are thread-safe.
/// </summary>
public static class PathText
{
    private const char FirstEscape = '\uDC80';
    private const char LastEscape = '\uDCFF';
    private const int EscapeBase = 0xDC00;

    /// <summary>The text of a path.</summary>
    /// <param name="path">Any bytes.</param>
    /// <returns>The text, which <see cref="ToBytes"/> turns into the same bytes again.</returns>
    public static string FromBytes(ReadOnlySpan<byte> path)
    {
        if (Utf8.IsValid(path))
        {
            return Encoding.UTF8.GetString(path);
        }

        StringBuilder text = new(path.Length);
        while (!path.IsEmpty)
        {
            bool isValid = Rune.DecodeFromUtf8(path, out Rune rune, out int count) == OperationStatus.Done;
            if (isValid)
            {
                text.Append(rune.ToString());
            }
            else
            {
                foreach (byte value in path[..count])
                {
                    text.Append((char)(EscapeBase + value));
                }
            }

            path = path[count..];
        }

        return text.ToString();
    }

    /// <summary>The bytes of a path.</summary>
    /// <param name="path">A text of this class, or any other; other lone surrogates become U+FFFD.</param>
    /// <returns>The bytes, without a NUL at their end.</returns>
    public static byte[] ToBytes(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.AsSpan().IndexOfAnyInRange(FirstEscape, LastEscape) < 0)
        {
            return Encoding.UTF8.GetBytes(path);
        }

        ArrayBufferWriter<byte> bytes = new(path.Length * 3);
        for (ReadOnlySpan<char> rest = path; !rest.IsEmpty;)
        {
            if (rest[0] is >= FirstEscape and <= LastEscape)
            {
                bytes.Write([(byte)(rest[0] - EscapeBase)]);
                rest = rest[1..];
                continue;
            }

            // What is no character comes out as U+FFFD here.
            _ = Rune.DecodeFromUtf16(rest, out Rune rune, out int count);
            bytes.Advance(rune.EncodeToUtf8(bytes.GetSpan(4)));
            rest = rest[count..];
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>As <see cref="ToTerminated"/>, into memory that is there already; nothing is allocated.</summary>
    /// <param name="path">A text of this class, or any other.</param>
    /// <param name="destination">Where the bytes go.</param>
    /// <param name="count">How many they are, with the NUL.</param>
    /// <returns>
    /// Whether it was done. If not, the room is too small, or the path has bytes that are not UTF-8.
    /// </returns>
    public static bool TryWriteTerminated(string path, Span<byte> destination, out int count)
    {
        ArgumentNullException.ThrowIfNull(path);
        count = 0;
        if (path.AsSpan().IndexOfAnyInRange(FirstEscape, LastEscape) >= 0
            || !Encoding.UTF8.TryGetBytes(path, destination, out int written)
            || written == destination.Length)
        {
            return false;
        }

        destination[written] = 0;
        count = written + 1;
        return true;
    }

    /// <summary>As <see cref="ToBytes"/>, ended by the NUL that the kernel wants.</summary>
    /// <param name="path">A text of this class, or any other.</param>
    /// <returns>The bytes and a NUL.</returns>
    public static byte[] ToTerminated(string path) => ToBytes(path + '\0');
}
